"""What must be known of an image to tell whether a model was made for its kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """Facts of a volume that decide how well a model fits it; `None` or empty where the source does not say.

    Attributes:
        modality: DICOM modality, "CT" for computed tomography.
        kernel: Convolution kernel (0018,1210), which may have several values.
        pixel_spacing: Distance of rows and of columns (y, x) in mm.
        section_thickness: Nominal section thickness in mm (0018,0050).
        increment: Distance of neighbouring sections in mm.
        noise_hu: Standard deviation in uniform soft tissue, in HU.
    """

    modality: str | None
    kernel: tuple[str, ...]
    pixel_spacing: tuple[float, float]
    section_thickness: float | None
    increment: float
    noise_hu: float | None

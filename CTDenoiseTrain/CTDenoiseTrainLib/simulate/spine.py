"""A simulated CT myelogram of the thoracic spine at ultra-high resolution, with veins whose truth is known.

After the scans of Madhavan et al. (AJNR 2024;45:96): 0.15 mm pixels, 0.2 mm sections, a sharp kernel, contrast medium
in the thecal sac and in small veins beside it and around the vertebra. The drawn anatomy, a mean over each pixel and
section, is filtered with the kernel's gain; the noise of rays through the whole trunk is reconstructed with the same
kernel and added, which is exact as far as filtered back-projection is linear. Beam hardening, scatter, motion and the
blur of the X-ray focus are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fftfreq, irfft2, rfft2, rfftfreq

from CTDenoiseLib.volume import Acquisition, Geometry, Volume

from .attenuation import WATER_ATTENUATION_PER_MM
from .filtered_back_projection import reconstruct
from .kernels import SHARP_QUANTITATIVE, ReconstructionKernel
from .spine_anatomy import draw_spine
from .spine_build import SpineBuild
from .spine_noise import Trunk, field_scan, ray_noise, trunk_line_integrals
from .spine_shapes import Floats, ellipse, pixel_axis
from .spine_vein_pictures import paint_veins
from .spine_veins import Vein, VoxelGrid, draw_veins

ROD_RADIUS_MM = 4.0
ROD_CONTRAST_HU = 900.0
_MIDDLE_MM = -1.5  # of the field from that of the canal along y: there is more to see in front
_FRAME_PIXELS = 48
_ROD_PARTS = 5


@dataclass(frozen=True, kw_only=True)
class SpineScan:
    """How a spine is scanned and reconstructed.

    Attributes:
        matrix: Rows and columns of the field; 448 make 67 mm.
        sections: How many.
        pixel_mm: Side of a pixel.
        increment_mm: Distance of sections, which are as thick.
        photons: Sent along each ray of a section.
        section_correlation: Of the noise of adjacent sections, 0 to 0.5.
    """

    matrix: int = 448
    sections: int = 24
    pixel_mm: float = 0.15
    increment_mm: float = 0.2
    photons: float = 2.5e5
    section_correlation: float = 0.2


@dataclass(frozen=True, eq=False)
class SpineExam:
    """A simulated examination. Volumes are HU, float32, shape (z, y, x).

    Attributes:
        noisy: The images, veins and noise included.
        truth: The same without noise.
        probe: The images with the same noise but without veins, and with a round rod in the muscle: what is left of the
            veins is the difference of a denoiser's outputs for `noisy` and this, and the rod's edge tells resolution.
        veins_hu: What the veins add, as the kernel shows them.
        vein_labels: 0 far from any vein, i + 1 around `veins[i]`, int16.
        vein_cores: 0, or i + 1 in the middle of `veins[i]`, int16.
        veins: Courses, diameters and contrasts.
        medium: Contrast medium in the sac away from edges, shape (z, y, x).
        muscle: Uniform muscle without veins, in all sections, shape (y, x).
        rod_centre: Of the rod in the probe, in pixels (y, x).
        pixel_mm: Side of a pixel.
        increment_mm: Distance of sections.
        kernel: Name of the kernel.
    """

    noisy: Floats
    truth: Floats
    probe: Floats
    veins_hu: Floats
    vein_labels: NDArray[np.int16]
    vein_cores: NDArray[np.int16]
    veins: tuple[Vein, ...]
    medium: NDArray[np.bool_]
    muscle: NDArray[np.bool_]
    rod_centre: tuple[float, float]
    pixel_mm: float
    increment_mm: float
    kernel: str

    @property
    def probe_truth(self) -> Floats:
        """The probe without noise: what the kernel makes of the rod."""
        return self.probe - self.noisy + self.truth

    @property
    def volume(self) -> Volume:
        """The images with their geometry, as a model wants them."""
        return Volume(
            self.noisy,
            Geometry(spacing=(self.increment_mm, self.pixel_mm, self.pixel_mm)),
            Acquisition(
                description="simulated CT myelogram",
                modality="CT",
                kernel=(self.kernel,),
                section_thickness=self.increment_mm,
            ),
        )


def simulate_spine_exam(
    seed: int, scan: SpineScan | None = None, *, kernel: ReconstructionKernel = SHARP_QUANTITATIVE
) -> SpineExam:
    """Simulate an examination of a patient.

    Args:
        seed: Of the patient and the noise. With another kernel, the same patient and the same noise of the rays are
            reconstructed with that kernel.
        scan: Field, sections and dose; `None` for the usual.
        kernel: Of the reconstruction.
    """
    scan = scan or SpineScan()
    patient, courses, quanta = (np.random.default_rng([seed, part]) for part in range(3))
    build, trunk = SpineBuild.draw(patient), Trunk.draw(patient)
    grid = VoxelGrid(
        pixel_axis(scan.sections, scan.increment_mm),
        pixel_axis(scan.matrix, scan.pixel_mm, _MIDDLE_MM),
        pixel_axis(scan.matrix, scan.pixel_mm),
    )
    drawn = draw_spine(build, grid.z, grid.y, grid.x, rng=patient)
    veins = draw_veins(grid, drawn.room, drawn.to_bone, rng=courses)
    painted = paint_veins(veins, grid)
    seen = filtered(drawn.hu, kernel, pixel_mm=scan.pixel_mm)
    veins_hu = filtered(painted.hu, kernel, pixel_mm=scan.pixel_mm)
    noise = _noise(drawn.hu[scan.sections // 2], scan, trunk, kernel, quanta)
    centre = build.rod_zone[0]
    rod = filtered(_rod(grid, centre)[None], kernel, pixel_mm=scan.pixel_mm)
    truth = seen + veins_hu
    zone_middle, zone_axes = build.muscle_zone
    return SpineExam(
        noisy=truth + noise,
        truth=truth,
        probe=seen + rod + noise,
        veins_hu=veins_hu,
        vein_labels=painted.labels,
        vein_cores=painted.cores,
        veins=veins,
        medium=drawn.medium & (painted.labels == 0),
        muscle=ellipse(grid.y[:, None], grid.x[None], zone_middle, zone_axes) < 0,
        rod_centre=tuple(((np.array(centre) - grid.origin[1:]) / scan.pixel_mm).tolist()),
        pixel_mm=scan.pixel_mm,
        increment_mm=scan.increment_mm,
        kernel=kernel.name,
    )


def filtered(hu: Floats, kernel: ReconstructionKernel, *, pixel_mm: float) -> Floats:
    """Sections as a kernel shows them; beyond the borders they go on as their mirror image.

    Args:
        hu: Shape (z, y, x).
        kernel: Its gain is the transfer function.
        pixel_mm: Side of a pixel.
    """
    result = np.empty_like(hu)
    rows, columns = (side + 2 * _FRAME_PIXELS for side in hu.shape[1:])
    frequency = np.hypot(fftfreq(rows, pixel_mm)[:, None], rfftfreq(columns, pixel_mm)[None])
    gain = kernel.gain(frequency).astype(np.float32)
    within = slice(_FRAME_PIXELS, -_FRAME_PIXELS)
    for section, out in zip(hu, result, strict=True):
        framed = np.pad(section, _FRAME_PIXELS, mode="symmetric")
        out[:] = irfft2(rfft2(framed) * gain, s=framed.shape)[within, within]
    return result


def _noise(
    section: Floats, scan: SpineScan, trunk: Trunk, kernel: ReconstructionKernel, rng: np.random.Generator
) -> Floats:
    """Noise of all sections in HU."""
    rays = field_scan(scan.matrix, scan.pixel_mm)
    lines = trunk_line_integrals(section, pixel_mm=scan.pixel_mm, trunk=trunk, scan=rays)
    noise = ray_noise(
        lines,
        sections=scan.sections,
        photons=scan.photons,
        section_correlation=scan.section_correlation,
        rng=rng,
    )
    attenuation = reconstruct(noise, scan=rays, kernel=kernel, matrix=scan.matrix, pixel_mm=scan.pixel_mm)
    return attenuation * np.float32(1000 / WATER_ATTENUATION_PER_MM)


def _rod(grid: VoxelGrid, centre: tuple[float, float]) -> Floats:
    """A disc as pixels show it, shape (y, x)."""
    pixel = grid.spacing[1]
    parts = (np.arange(_ROD_PARTS) - (_ROD_PARTS - 1) / 2) * pixel / _ROD_PARTS
    y, x = ((axis[:, None] + parts).ravel() - middle for axis, middle in zip((grid.y, grid.x), centre, strict=True))
    inside = (np.hypot(y[:, None], x[None]) < ROD_RADIUS_MM).astype(np.float32)
    shares = inside.reshape(grid.y.size, _ROD_PARTS, grid.x.size, _ROD_PARTS).mean(axis=(1, 3))
    return np.asarray(ROD_CONTRAST_HU * shares, dtype=np.float32)

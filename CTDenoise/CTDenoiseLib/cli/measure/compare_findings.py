"""Similarity of images to a reference, for the terminal, the files and the plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...measure.likeness.similarity import Similarity, similarity
from ...measure.likeness.similarity_table import similarity_table
from ...measure.record import MeasurementRecord
from ..progress import RunProgress
from .answer import Findings
from .errors import OptionError
from .images import LoadedImage
from .numbers import read_numbers
from .show_table import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DEFINITIONS = (
    "PSNR is 10·log₁₀(data range² / RMSE²). SSIM after Wang et al. (IEEE Trans Image Process 2004;13:600).",
    "NRMSE is RMSE over the data range, over the mean, or over the root mean square of the reference + 1000 HU.",
    "NRMSE, Zhang 2024, is 100 · RMSE / mean of (the image judged + 1000 HU); Quant Imaging Med Surg 2024;14:640.",
    "Bias is the mean of image − reference; residual variance is RMSE² − bias².",
)
_KEYS = ("image", "rmse", "psnr", "ssim", "nrmse_range", "nrmse_zhang", "bias", "residual_variance")


def window_limits(text: str | None) -> tuple[float, float] | None:
    """Lowest and highest HU of a window, `None` without one.

    Raises:
        OptionError: It cannot be read, or its width is not above 0.
    """
    if text is None:
        return None
    ((width, level),) = read_numbers("--window", text, "WIDTH,LEVEL").groups
    if width <= 0:
        raise OptionError(f"--window {text} has no width; write the width first, such as 400,40.")
    return level - width / 2, level + width / 2


def similarity_findings(
    reference: LoadedImage,
    others: Sequence[LoadedImage],
    window: tuple[float, float] | None,
    progress: RunProgress,
) -> Findings:
    """Compare images with a reference.

    Args:
        reference: What is taken for true.
        others: What is judged.
        window: Lowest and highest HU to clip to.
        progress: Shows what is done.

    Raises:
        MeasurementError: The images have different voxels, or cannot be compared.
    """
    results: dict[str, Similarity] = {}
    for other in others:
        progress.step(f"Comparing {other.name}")
        results[other.name] = similarity(reference.image, other.image, window=window)
    table = similarity_table(reference.name, results)
    record = MeasurementRecord(
        images=tuple(each.identity for each in (reference, *others)),
        settings={
            "reference": reference.name,
            "window from HU": None if window is None else window[0],
            "window to HU": None if window is None else window[1],
        },
        tables=(table,),
        notes=_DEFINITIONS,
    )

    def draw() -> Figure:
        from ...report.plot_similarity import plot_differences

        return plot_differences(reference.image, [other.image for other in others], window=window)

    return Findings(
        record=record,
        shown=[Shown(table, _KEYS)],
        csv=table,
        facts=list(dict.fromkeys(f"Taken of {result.terms}." for result in results.values())),
        draw=draw,
    )

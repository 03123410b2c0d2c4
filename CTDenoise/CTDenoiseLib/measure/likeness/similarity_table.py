"""Table of the similarity of several images to one reference."""

from __future__ import annotations

from collections.abc import Mapping

from ..measured import Measured
from ..result_table import Cell, Column, ResultTable
from .similarity import Similarity


def similarity_table(reference: str, results: Mapping[str, Similarity]) -> ResultTable:
    """Table of the figures, one row for each image.

    Args:
        reference: Name of the reference.
        results: Of each image by its name.
    """
    columns = (
        Column("image", "Image"),
        Column("rmse", "RMSE", "HU"),
        Column("psnr", "PSNR", "dB"),
        Column("ssim", "SSIM"),
        Column("nrmse_range", "NRMSE by range"),
        Column("nrmse_mean", "NRMSE by mean"),
        Column("nrmse_euclidean", "NRMSE, Euclidean"),
        Column("nrmse_zhang", "NRMSE, Zhang 2024", "%"),
        Column("residual_variance", "Residual variance", "HU²"),
        Column("bias", "Bias", "HU"),
        Column("window_low", "Window from", "HU"),
        Column("window_high", "Window to", "HU"),
        Column("data_range", "Data range", "HU"),
        Column("voxels", "Voxels"),
    )
    rows = tuple((name, *_row(result)) for name, result in results.items())
    return ResultTable(f"Similarity to {reference}", columns, rows)


def _row(result: Similarity) -> tuple[Cell, ...]:
    low, high = result.window or (None, None)
    return (
        result.rmse,
        result.psnr,
        result.ssim.value if isinstance(result.ssim, Measured) else None,
        result.nrmse_range,
        result.nrmse_mean,
        result.nrmse_euclidean,
        result.nrmse_zhang,
        result.residual_variance,
        result.bias,
        low,
        high,
        result.data_range,
        result.voxels,
    )

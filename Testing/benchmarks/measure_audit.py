"""Residual audit and its map for one section, beside plain scipy: python Testing/benchmarks/measure_audit.py"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.side_by_side import Row, compare, table
from CTDenoiseLib.measure.audit.residual_audit import AuditMeter
from CTDenoiseLib.measure.audit.residual_map import residual_map
from support.thorax_phantom import as_volume, scanner_noise, thorax


def rows() -> tuple[Row, ...]:
    """A section of 512² with its two neighbours."""
    anatomy = thorax(side=512)
    noise = scanner_noise(np.random.default_rng(0), sections=3, side=512)
    before, after = as_volume(anatomy + noise), anatomy + noise[1] / 3
    return (
        compare(
            "Residual audit of a section of 512²",
            lambda: AuditMeter(before, sections=[1]).add(1, after),
            lambda: plain_audit(before.hu[1], after),
            plain_name="numpy and scipy: correlation over a gradient mask, means by class, without what noise gives",
            aim_ms=150,
        ),
        compare(
            "Map of the residual of a section of 512²",
            lambda: residual_map(before.hu[1], after),
            lambda: plain_map(before.hu[1], after),
            plain_name="scipy: local correlation coefficient, without what noise gives",
            aim_ms=200,
        ),
    )


def plain_audit(before: NDArray[np.float32], after: NDArray[np.float32]) -> tuple[float, list[float]]:
    residual = before - after
    gradient = np.hypot(*np.gradient(gaussian_filter(after, 1.5)))
    edge = gradient > np.quantile(gradient, 0.95)
    detail = gaussian_filter(after, 1) - gaussian_filter(after, 2)
    classes = np.digitize(gaussian_filter(before, 1.5), [-950, -500, -190, -30, 150, 600])
    shifts = [float(residual[classes == one].mean()) for one in range(7)]
    return float(np.corrcoef(residual[edge], detail[edge])[0, 1]), shifts


def plain_map(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    residual, detail = before - after, gaussian_filter(after, 1) - gaussian_filter(after, 2)
    both, one, other = (gaussian_filter(p, 4) for p in (residual * detail, residual**2, detail**2))
    return np.asarray(both / np.sqrt(one * other + 1e-6))


if __name__ == "__main__":
    print(table(rows()))

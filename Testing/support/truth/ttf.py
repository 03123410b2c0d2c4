"""Truth of the task transfer function: discs and edges of known blur, and two independent packages."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections.abc import Iterator
from types import SimpleNamespace

import microct_iq_toolbox.api as microct
import numpy as np
from actilib.analysis.rois import CircleROI
from actilib.analysis.ttf import ttf_properties
from numpy.typing import NDArray

from CTDenoiseLib.measure.measured import Measured, Measurement
from CTDenoiseLib.measure.resolution.ttf import TaskTransferFunction
from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf
from CTDenoiseLib.measure.resolution.ttf_edge import edge_ttf
from support.edge_phantom import Kernel, disc_picture, edge_picture

from .row import TruthRow

ACTILIB, MICROCT = "actilib 0.99.1", "micro-ct-image-quality-toolbox 0.2.1"
LEVELS = {"f50": 0.5, "f10": 0.1}
SMOOTH, SHARP = Kernel(0.45), Kernel(0.7, enhancement=2.0)

ACTILIB_TRAPS = (
    "actilib spreads its frequencies evenly up to the Nyquist frequency of its bins, one interval too few, so they "
    "are 0.2 to 1 % too high; it weighs the line spread with a Hann window over the whole crop, and wants "
    "square pixels. It is right for large discs in small pixels, as here."
)
MICROCT_DISC_TRAPS = (
    "micro-ct-image-quality-toolbox averages pixels as squares over their rings, so their aperture blurs once more; it "
    "fails for a single disc, needs a centre on a whole pixel, and takes the magnitude of the line spread, so that "
    "ringing comes out wrong. It is right in small pixels, as here."
)
MICROCT_EDGE_TRAPS = (
    "micro-ct-image-quality-toolbox has to be told the angle, shifts rows by linear interpolation and averages the "
    "profile over a pixel again: 13 % too low where a pixel is as wide as the blur, and right in small pixels, as here."
)


def rows() -> tuple[TruthRow, ...]:
    """Discs and edges of a smooth and of a ringing kernel, bright and dark, square and oblong pixels, noise."""
    return (
        *_large_disc(),
        *_ringing_disc(),
        *_dark_disc_in_oblong_pixels(),
        *_noisy_disc(),
        *_edge(),
        *_ringing_edge(),
    )


def _large_disc() -> tuple[TruthRow, ...]:
    spacing, side, radius = 0.25, 220, 12.0
    picture = _disc(SMOOTH, radius=radius, spacing=(spacing, spacing), side=side, centre=(110.0, 110.0))
    ours = disc_ttf(picture[None], pixel_spacing=(spacing, spacing), radius_mm=radius)
    image = {"header": SimpleNamespace(PixelSpacing=[spacing, spacing]), "pixels": picture}
    actilib = ttf_properties([image], CircleROI(radius / spacing, 110, 110))
    with _silence():
        found = microct.ttf(picture, [[110, 110], [110, 110]], int(2 * radius / spacing), spacing).summary
    toolbox = found["ttf50_insert_1"]
    case = "disc of 24 mm, Gaussian blur of 0.45 mm, 0.25 mm pixels"
    return (
        _row("f50", case, ours, _truth(SMOOTH, "f50"), oracle=actilib["f50"], by=ACTILIB, note=ACTILIB_TRAPS),
        _row("f10", case, ours, _truth(SMOOTH, "f10"), oracle=actilib["f10"], by=ACTILIB, note=ACTILIB_TRAPS),
        _row(
            "f50",
            case,
            ours,
            _truth(SMOOTH, "f50"),
            oracle=toolbox,
            by=MICROCT,
            note=MICROCT_DISC_TRAPS,
        ),
        TruthRow(
            measure="TTF, contrast of the disc",
            case=case,
            unit="HU",
            ours=ours.contrast_hu,
            truth=200.0,
            oracle=actilib["contrast"],
            oracle_name=ACTILIB,
        ),
    )


def _ringing_disc() -> tuple[TruthRow, ...]:
    ours = disc_ttf(_disc(SHARP)[None], pixel_spacing=(0.5, 0.5), radius_mm=6.0)
    case = "rod of 12 mm, edges enhanced, 0.5 mm pixels"
    return (
        _row("f50", case, ours, _truth(SHARP, "f50")),
        _row("f10", case, ours, _truth(SHARP, "f10")),
        TruthRow(
            measure="TTF, highest value",
            case=case,
            unit="",
            ours=float(ours.value.max()),
            truth=float(SHARP.transfer(ours.frequency).max()),
        ),
    )


def _dark_disc_in_oblong_pixels() -> tuple[TruthRow, ...]:
    picture = _disc(SMOOTH, spacing=(0.35, 0.6), contrast=-90.0)
    ours = disc_ttf(picture[None], pixel_spacing=(0.35, 0.6), radius_mm=6.0)
    case = "dark rod of 12 mm, Gaussian blur of 0.45 mm, 0.35 × 0.6 mm pixels"
    return _row("f50", case, ours, _truth(SMOOTH, "f50")), _row("f10", case, ours, _truth(SMOOTH, "f10"))


def _noisy_disc() -> tuple[TruthRow, ...]:
    noise = 20 * np.random.default_rng(1).standard_normal((16, 72, 72))
    ours = disc_ttf(_disc(SMOOTH) + noise, pixel_spacing=(0.5, 0.5), radius_mm=6.0)
    case = "rod of 12 mm, 200 HU, 16 sections with 20 HU of white noise"
    return (
        _row("f50", case, ours, _truth(SMOOTH, "f50"), note=_stated(ours.f50)),
        _row("f10", case, ours, _truth(SMOOTH, "f10"), note=_stated(ours.f10), tolerance=0.06),
        TruthRow(
            measure="TTF, noise beside the disc", case=case, unit="HU", ours=ours.noise_hu, truth=5.0, tolerance=0.05
        ),
    )


def _edge() -> tuple[TruthRow, ...]:
    kernel = Kernel(0.8)
    picture = edge_picture((120, 120), pixel_spacing=(0.25, 0.25), normal_degrees=4, kernel=kernel)
    ours = edge_ttf(picture[None], pixel_spacing=(0.25, 0.25))
    with _silence():
        toolbox = microct.mtf(picture, [20, 100, 40, 80], 0.25, edge_angle=-4.0, high_to_low=False).summary
    case = "edge at 4°, Gaussian blur of 0.8 mm, 0.25 mm pixels"
    return (
        _row(
            "f50",
            case,
            ours,
            _truth(kernel, "f50"),
            oracle=toolbox["mtf50"],
            by=MICROCT,
            note=MICROCT_EDGE_TRAPS,
        ),
        _row(
            "f10",
            case,
            ours,
            _truth(kernel, "f10"),
            oracle=toolbox["mtf10"],
            by=MICROCT,
            note=MICROCT_EDGE_TRAPS,
        ),
    )


def _ringing_edge() -> tuple[TruthRow, ...]:
    picture = edge_picture((60, 60), pixel_spacing=(0.5, 0.5), normal_degrees=-94, kernel=SHARP, supersampling=8)
    ours = edge_ttf(picture[None], pixel_spacing=(0.5, 0.5))
    case = "edge at 4° with the aperture of 0.5 mm pixels, edges enhanced"

    def aperture(frequency: float) -> float:
        turn = math.radians(4)
        return float(np.sinc(0.5 * frequency * math.cos(turn)) * np.sinc(0.5 * frequency * math.sin(turn)))

    return tuple(_row(name, case, ours, SHARP.frequency_at(level, aperture=aperture)) for name, level in LEVELS.items())


def _row(
    name: str,
    case: str,
    ours: TaskTransferFunction,
    truth: float,
    *,
    oracle: float | None = None,
    by: str = "",
    note: str = "",
    tolerance: float = 0.02,
) -> TruthRow:
    found = {"f50": ours.f50, "f10": ours.f10}[name]
    return TruthRow(
        measure=f"TTF, {name}",
        case=case,
        unit="mm⁻¹",
        ours=_value(found),
        truth=truth,
        oracle=oracle,
        oracle_name=by,
        tolerance=tolerance,
        note=note,
    )


def _truth(kernel: Kernel, name: str) -> float:
    return kernel.frequency_at(LEVELS[name])


def _value(found: Measurement) -> float:
    return found.value if isinstance(found, Measured) else math.nan


def _stated(found: Measurement) -> str:
    assert isinstance(found, Measured)
    assert found.uncertainty is not None
    return f"Noise alone; the standard uncertainty stated with it is {100 * found.uncertainty / found.value:.1f} %."


def _disc(
    kernel: Kernel,
    *,
    radius: float = 6.0,
    spacing: tuple[float, float] = (0.5, 0.5),
    contrast: float = 200.0,
    side: int = 72,
    centre: tuple[float, float] = (35.3, 35.8),
) -> NDArray[np.float64]:
    return disc_picture(
        (side, side), pixel_spacing=spacing, centre=centre, radius_mm=radius, kernel=kernel, contrast_hu=contrast
    )


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """The toolbox prints its progress and divides by the noise of pictures without any."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

"""Pictures of the result: single scans of the unseen phantoms, profiles, and the curves behind the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import ProfileSettings, sample_profiles
from CTDenoiseLib.report.colours import MARK_COLOUR
from CTDenoiseLib.report.plot_page import add_legend, draw_curve, new_plot, prepare, rendered
from CTDenoiseLib.report.plot_picture import OUTLINE, draw_picture

from .images import DLR, INPUT, SAME, SHARP, SR_DLR, UnseenPhantom
from .noise import middle_spectrum
from .places import as_image, square_around
from .settings import Settings
from .shapes import Place
from .sharpness import rod_function
from .unseen_phantoms import BARS, STENT_ALONG, VESSELS

_CURVE_RODS = (80.0, 400.0)
Phantoms = Mapping[str, UnseenPhantom]

# Lines of the profiles: name, first and last point.
_LINES: Mapping[str, tuple[Place, Place]] = {
    "Bars of 0.7 line pairs/mm": ((BARS[0.7][0], BARS[0.7][1] - 5.5), (BARS[0.7][0], BARS[0.7][1] + 5.5)),
    "Across a stented vessel of 3 mm": (
        (STENT_ALONG.centre[0] - 4.5, STENT_ALONG.centre[1]),
        (STENT_ALONG.centre[0] + 4.5, STENT_ALONG.centre[1]),
    ),
    "Vessels of 1 to 4 mm": ((VESSELS[1.0][0], -16.5), (VESSELS[1.0][0], 17.5)),
}


def write_figures(folder: Path, phantoms: Phantoms, settings: Settings) -> dict[str, str]:
    """Write all pictures; returns what they show by their file names."""
    drawn: Mapping[str, tuple[Callable[[Phantoms, Settings], Figure], str]] = {
        "coronary.png": (
            _coronary,
            "Single scans of the unseen coronary phantom, in the manner of the paper's Fig. 3: input, DLR, SR-DLR and "
            "the target of SR-DLR, with profiles along the yellow lines.",
        ),
        "low-contrasts.png": (
            _low_contrasts,
            "Single scans of unseen low contrasts, in the manner of the paper's Fig. 2: head and spine of a fetus, and "
            "lesions of 20 (upper row) and 40 HU in a liver.",
        ),
        "curves.png": (
            _curves,
            "Task transfer functions of rods of 80 and 400 HU, the edge of the latter, and noise power spectra.",
        ),
    }
    for name, (draw, _) in drawn.items():
        (folder / name).write_bytes(rendered(draw(phantoms, settings), Path(name)))
    return {name: words for name, (_, words) in drawn.items()}


@dataclass(frozen=True)
class _Part:
    """A square of the sections, and how it is shown."""

    middle: Place
    half_mm: float
    window: tuple[float, float]
    with_lines: bool = False


def _coronary(phantoms: Phantoms, settings: Settings) -> Figure:
    names = (INPUT, DLR, SR_DLR, SHARP)
    page = new_plot(10.2)
    grid = page.add_gridspec(5, 4, height_ratios=(1.05, 1.05, 1.0, 1.0, 1.0))
    for row, part in enumerate((_WHOLE, _ENLARGED)):
        panels = [page.add_subplot(grid[row, column]) for column in range(len(names))]
        _draw_row(panels, phantoms["coronary"], names, part, settings)
    images = [as_image(phantoms["coronary"].stacks[name][0], name, settings) for name in names]
    for row, (title, (first, last)) in enumerate(_LINES.items(), start=2):
        chart = page.add_subplot(grid[row, :])
        prepare(chart, title=title, x_title="distance / mm", y_title="HU")
        path = ProfilePath(np.array([[first[1], first[0], 0.0], [last[1], last[0], 0.0]]))
        profiles = sample_profiles(images, path, ProfileSettings(interpolation="cubic", step_mm=0.1))
        for place, (name, hu) in enumerate(zip(names, profiles.hu, strict=True)):
            draw_curve(chart, place, profiles.distance_mm, hu, label=name)
        chart.margins(x=0)
        if row == 2:
            add_legend(chart)
    return page


def _low_contrasts(phantoms: Phantoms, settings: Settings) -> Figure:
    page = new_plot(2.5)
    _draw_row(page.subplots(1, 4), phantoms["low-contrasts"], (INPUT, DLR, SR_DLR, SAME), _LIVER, settings)
    return page


def _draw_row(
    panels: Iterable[Axes], phantom: UnseenPhantom, names: Sequence[str], part: _Part, settings: Settings
) -> None:
    """The same part of the first scan of each image."""
    window = square_around(part.middle, part.half_mm, settings)
    words = f"{part.window[0]:.0f} to {part.window[1]:.0f} HU".replace("-", "−")
    spacing = (settings.pixel_mm, settings.pixel_mm)
    for axes, name in zip(panels, names, strict=True):
        draw_picture(axes, phantom.stacks[name][0][window], spacing, title=name, limits=part.window, words=words)
        if part.with_lines:
            _draw_lines(axes, window, settings)


def _draw_lines(axes: Axes, window: tuple[slice, slice], settings: Settings) -> None:
    """The lines of the profiles in a picture, whose coordinates are mm from its upper left corner."""
    middle = settings.field_mm / 2
    for ends in _LINES.values():
        y, x = (
            [end[axis] + middle - part.start * settings.pixel_mm for end in ends] for axis, part in enumerate(window)
        )
        axes.plot(x, y, color=MARK_COLOUR, linewidth=0.7, path_effects=OUTLINE, scalex=False, scaley=False)


_WHOLE = _Part((0.0, 0.0), 23.5, (-160.0, 840.0), with_lines=True)
_ENLARGED = _Part((7.0, -6.5), 11.0, (-160.0, 840.0))
_LIVER = _Part((0.0, 0.0), 23.5, (-60.0, 140.0))


def _curves(phantoms: Phantoms, settings: Settings) -> Figure:
    page = new_plot(6.2)
    (low, high), (edge, noise) = page.subplots(2, 2)
    for chart, contrast in zip((low, high), _CURVE_RODS, strict=True):
        prepare(chart, title=f"Rod of {contrast:g} HU", x_title="spatial frequency / mm⁻¹", y_title="TTF")
    prepare(edge, title=f"Edge of the rod of {_CURVE_RODS[-1]:g} HU", x_title="distance / mm", y_title="HU")
    prepare(noise, title="Noise", x_title="spatial frequency / mm⁻¹", y_title="NPS / HU²·mm²")
    for place, (name, stack) in enumerate(phantoms["rods"].stacks.items()):
        found = None
        for chart, contrast in zip((low, high), _CURVE_RODS, strict=True):
            found = rod_function(stack, contrast, settings)
            if found is not None:
                draw_curve(chart, place, found.frequency, found.value, label=name, error=found.standard_error)
        if found is not None:
            draw_curve(edge, place, found.edge.position_mm, found.edge.esf_hu, label=name)
        spectrum = middle_spectrum(stack, settings)
        draw_curve(noise, place, spectrum.frequency, spectrum.power, label=f"{name}: {spectrum.noise:.1f} HU")
    edge.set_xlim(-2.5, 2.5)
    for chart in (low, high):
        chart.set_ylim(bottom=0)
    add_legend(low)
    noise.set_yscale("log")
    noise.yaxis.set_major_formatter("{x:g}")
    noise.legend(fontsize=7.5, frameon=False, loc="lower left")
    return page

"""Pictures of the result: the paper's Fig. 1, a noise map with the pair made of it, and the veins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from CTDenoiseLib.report.colours import MARK_COLOUR
from CTDenoiseLib.report.plot_page import colour_of, new_plot, prepare
from CTDenoiseLib.report.plot_picture import OUTLINE, draw_picture

from ...simulate.spine import SpineExam
from ...simulate.spine_veins import DIAMETERS_MM
from ..workbench import Workbench
from .images import DENOISED, SHARP, SMOOTH, DenoisedSeries, UnseenPatient
from .measure import Mean, Results, VeinSummary
from .patients import training_patients
from .settings import Settings
from .spine_measures import OUTER_SECTIONS
from .tables import CLEAR_HU

_WINDOW = (-250.0, 650.0)
_NOISE_WINDOW = (-400.0, 400.0)
_SHOWN_MM = 46.0
_MOST_ARROWS = 6
_ARROW_MM = 4.2
_FEWEST_PIXELS = 4

Arrays = Mapping[str, NDArray[Any]]


def write_figures(
    bench: Workbench, patient: UnseenPatient, denoised: DenoisedSeries, results: Results
) -> dict[str, str]:
    """Write all pictures; returns what they show by their file names.

    Args:
        bench: Of the experiment.
        patient: To be shown.
        denoised: The series of this experiment's network.
        results: Of all patients.
    """
    settings = patient.settings
    shown = bench.arrays(f"pictures-{denoised.key}", lambda: _unseen_pictures(patient, denoised))
    pair = bench.arrays("noise-map-pictures", lambda: _noise_map_pictures(bench, settings))
    spacing = (settings.test_scan.pixel_mm,) * 2
    drawn = {
        "kernels.png": (
            _kernels(shown, spacing),
            "The same section of an unseen patient in the manner of the paper's Fig. 1: smooth kernel, sharp kernel, "
            f"and sharp kernel denoised. Arrows point at veins of {CLEAR_HU:g} HU and more.",
        ),
        "noise-map.png": (
            _noise_map(pair, spacing),
            "Filtered back-projection, iterative reconstruction and their difference, the noise map; below it the "
            "target of two iterative sections, the map moved, and the input made of both.",
        ),
        "veins.png": (
            _veins(results),
            f"Veins of {CLEAR_HU:g} HU and more by diameter: what is left of their contrast with the sharp kernel, "
            "their contrast-to-noise ratio and their detectability; mean with standard error.",
        ),
    }
    for name, (figure, _) in drawn.items():
        bench.save_figure(name, figure)
    return {name: words for name, (_, words) in drawn.items()}


def _unseen_pictures(patient: UnseenPatient, denoised: DenoisedSeries) -> Arrays:
    """One section of a patient, and where its veins are, in pixels (row, column) of the cut-out."""
    settings, exam = patient.settings, patient.exam
    side = min(round(_SHOWN_MM / exam.pixel_mm), settings.test_scan.matrix)
    start = (settings.test_scan.matrix - side) // 2
    cut = (slice(start, start + side),) * 2
    section, places = _most_veins(exam, cut)
    window = slice(section - settings.context, section + settings.context + 1)
    output = denoised.open()(exam.noisy[window])[settings.context]
    return {
        SMOOTH: patient.smooth_exam.noisy[section][cut],
        SHARP: exam.noisy[section][cut],
        DENOISED: output[cut],
        "arrows": places[:_MOST_ARROWS],
    }


def _most_veins(exam: SpineExam, cut: tuple[slice, slice]) -> tuple[int, NDArray[np.intp]]:
    """The section that shows most of the clear veins, and the brightest pixel of each in the cut-out, wide first."""
    border = round(_ARROW_MM / exam.pixel_mm)
    inner = tuple(slice(part.start + border, part.stop - border) for part in cut)
    best, most, places = OUTER_SECTIONS, -1.0, []
    for section in range(OUTER_SECTIONS, len(exam.noisy) - OUTER_SECTIONS):
        cores, seen = exam.vein_cores[section][inner], exam.veins_hu[section][inner]
        score, found = 0.0, []
        for number, vein in enumerate(exam.veins, start=1):
            bright = np.where(cores == number, seen, 0)
            if vein.contrast_hu >= CLEAR_HU and np.count_nonzero(bright > CLEAR_HU / 2) >= _FEWEST_PIXELS:
                score += vein.diameter_mm * vein.contrast_hu
                found.append(np.array(np.unravel_index(int(bright.argmax()), bright.shape)) + border)
        if score > most:
            best, most, places = section, score, found
    return best, np.array(places, dtype=np.intp).reshape(-1, 2)


def _noise_map_pictures(bench: Workbench, settings: Settings) -> Arrays:
    """A section of the first training patient, its noise map, and the pair that is made of both."""
    patient = next(training_patients(bench, settings))
    section = patient.filtered.shape[0] // 2
    noise = patient.noise_map.noise[section]
    target = patient.iterative.hu[section : section + settings.target_sections].mean(axis=0)
    shift = settings.patches.shift_pixels
    moved = np.roll(noise, (shift, -shift), axis=(0, 1))
    return {
        "Filtered back-projection": patient.filtered.section(section),
        "Iterative reconstruction": patient.iterative.section(section),
        "Noise map": noise,
        "Target": target,
        "Noise map, moved": moved,
        "Input": target + moved,
    }


def _kernels(shown: Arrays, spacing: tuple[float, float]) -> Figure:
    page = new_plot(3.2)
    panels = page.subplots(1, 3)
    for axes, name, letter in zip(panels, (SMOOTH, SHARP, DENOISED), "ABC", strict=True):
        title = f"{letter}  {name[0].upper()}{name[1:]}"
        low, high = _WINDOW
        words = f"W {high - low:g}  L {(low + high) / 2:g} HU"
        draw_picture(axes, shown[name], spacing, title=title, limits=_WINDOW, words=words)
        _draw_arrows(axes, shown["arrows"], spacing)
    return page


def _draw_arrows(axes: Axes, places: NDArray[np.intp], spacing: tuple[float, float]) -> None:
    """From the side that is away from the middle of the picture."""
    for row, column in places:
        y, x = (row + 0.5) * spacing[0], (column + 0.5) * spacing[1]
        middle = axes.get_xlim()[1] / 2
        away = np.array([y - middle, x - middle])
        away /= max(float(np.linalg.norm(away)), 1e-6)
        axes.annotate(
            "",
            (x + 0.7 * away[1], y + 0.7 * away[0]),
            (x + _ARROW_MM * away[1], y + _ARROW_MM * away[0]),
            arrowprops={
                "arrowstyle": "-|>",
                "color": MARK_COLOUR,
                "linewidth": 0.9,
                "mutation_scale": 7,
                "shrinkA": 0,
                "shrinkB": 0,
                "path_effects": OUTLINE,
            },
        )


def _noise_map(pair: Arrays, spacing: tuple[float, float]) -> Figure:
    page = new_plot(5.9)
    for axes, (name, picture) in zip(page.subplots(2, 3).ravel(), pair.items(), strict=True):
        low, high = _NOISE_WINDOW if name.startswith("Noise") else _WINDOW
        words = f"W {high - low:g}  L {(low + high) / 2:g} HU"
        draw_picture(axes, picture, spacing, title=name, limits=(low, high), words=words)
    return page


def _veins(results: Results) -> Figure:
    page = new_plot(3.4)
    panels = page.subplots(1, 3)
    charts: tuple[tuple[str, str, Callable[[VeinSummary], Mean], float], ...] = (
        ("What is left of veins", "Retained contrast [%]", lambda veins: veins.retained, 100),
        ("Contrast over noise", "Contrast-to-noise ratio", lambda veins: veins.cnr, 1),
        ("How well they are told from noise", "Detectability d′", lambda veins: veins.detectability, 1),
    )
    for axes, (title, y_title, figure, scale) in zip(panels, charts, strict=True):
        prepare(axes, title=title, x_title="Diameter [mm]", y_title=y_title)
        for place, name in enumerate(results.series):
            means = [figure(results.veins(name, diameter, least_hu=CLEAR_HU)) for diameter in DIAMETERS_MM]
            values, errors = ([scale * value for value in part] for part in zip(*map(astuple, means), strict=True))
            axes.errorbar(
                DIAMETERS_MM,
                values,
                errors,
                color=colour_of(place),
                marker="o",
                markersize=3,
                linewidth=1.2,
                label=name,
            )
        axes.set_ylim(bottom=0)
    page.legend(
        *panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=7.5, frameon=False
    )
    return page

"""A simulated myelogram of the spine at ultra-high resolution, in which the truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.quality_data import Column, Crop, Figures, Goal, Image, Outputs, Stack, Trial
from benchmarks.quality_methods import Method, Picture
from benchmarks.quality_noise import Noise
from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.noise.nps_regions import square_regions
from CTDenoiseLib.measure.regions.shapes import LabelShape
from CTDenoiseLib.measure.small_vessels.retention import VesselTest, retention_map
from CTDenoiseTrainLib.experiments.madhavan2024.spine_measures import (
    OUTER_SECTIONS,
    SpineFigures,
    measure_images,
    rod_resolution,
)
from CTDenoiseTrainLib.simulate.kernels import SMOOTH
from CTDenoiseTrainLib.simulate.spine import SpineExam, SpineScan, simulate_spine_exam

SEEDS = (101, 102)
SCAN = SpineScan(sections=14)
INNER = tuple(range(OUTER_SECTIONS, SCAN.sections - OUTER_SECTIONS))
REFERENCE = "smooth kernel"
VEIN_MM, VEIN_HU = 0.6, 300.0
VESSELS = VesselTest(section=SCAN.sections // 2, diameters_mm=(VEIN_MM,), contrasts_hu=(VEIN_HU,), sites_each=24)
NOISE_REDUCTION, TTF_LOSS, KEPT = 75.0, 5.0, 80.0
_WINDOW = (-300.0, 900.0)


class SimulatedSpine:
    """See `DataSet`. Two patients.

    Args:
        data: Not used.
    """

    name, title = "spine", "Simulated spine, ultra-high resolution"
    rivals: tuple[str, ...] = ()
    columns = (
        Column("noise", "Noise reduction, muscle", "%"),
        Column("ttf50", "Loss of TTF 50 %", "%"),
        Column("vein", f"Kept of veins {VEIN_MM:g} mm, {VEIN_HU:g} HU", "%", 0),
        Column("drawn", "The same, drawn into muscle", "%", 0),
        Column("thin", "Kept of veins 0.3 mm, 200 HU and more", "%", 0),
        Column("faint", "Kept of veins 0.6 mm and more, 100 HU", "%", 0),
        Column("muscle", "HU bias, muscle", "HU", 2),
        Column("medium", "HU bias, contrast medium", "HU", 2),
    )

    def __init__(self, data: Path) -> None:
        self._exams = {f"spine-{seed}": simulate_spine_exam(seed, SCAN) for seed in SEEDS}
        self._truths = {name: rod_resolution(exam, exam.probe_truth) for name, exam in self._exams.items()}
        noises = {name: _noise(exam) for name, exam in self._exams.items()}
        self.images = {
            f"{name}{part}": Image(hu, INNER, (noises[name],) * len(INNER))
            for name, exam in self._exams.items()
            for part, hu in (("", exam.noisy), ("-probe", exam.probe))
        }
        first, exam = next(iter(self._exams.items()))
        place = len(INNER) // 2
        words = f"a noise reduction of {NOISE_REDUCTION:g} % in muscle"
        self.trial = Trial(((first, place),), self._far_off, words)
        truth = ("truth", np.asarray(exam.truth[INNER[place]]))
        quarter = slice(SCAN.matrix // 4, 3 * SCAN.matrix // 4)
        self.crops = (Crop(first, place, quarter, quarter, _WINDOW, (SCAN.pixel_mm,) * 2, truth),)
        before = np.mean([_noise_in_muscle(exam, exam.noisy[list(INNER)]) for exam in self._exams.values()])
        self.notes = (
            f"{len(SEEDS)} simulated patients, {len(INNER)} sections each, {SCAN.pixel_mm:g} mm pixels, "
            f"{SCAN.increment_mm:g} mm sections, kernel {exam.kernel}; noise in muscle {before:.0f} HU. See the "
            "experiment madhavan2024. Models whose card names simulated spines were trained on other patients of the "
            "same simulation, which the other methods have not seen.",
            "TTF: a rod of high contrast in muscle, against the same rod without noise. Veins: each kind once in each "
            "patient; and vessels across the section, drawn into uniform muscle of the noisy image as many times as it "
            "takes to be certain.",
            "Non-local means and BM3D are told the true noise of the muscle.",
        )

    def figures(self, outputs: Outputs) -> Figures:
        """See `DataSet`."""
        found, noises = {}, []
        for name, exam in self._exams.items():
            images, probe = (
                _filled(hu, outputs[key]) for hu, key in ((exam.noisy, name), (exam.probe, f"{name}-probe"))
            )
            found[name] = measure_images(exam, images, probe)
            before, after = (_noise_in_muscle(exam, stack) for stack in (exam.noisy[list(INNER)], outputs[name]))
            noises.append(100 * (1 - after / before))
        return {"noise": float(np.mean(noises)), **self._of_patients(found)}

    def further_figures(self, method: Method) -> Figures:
        """What is left of vessels that are drawn."""
        name, exam = next(iter(self._exams.items()))
        noise = self.images[name].noise[0]
        kept = retention_map(
            lambda window: method.denoise(window, noise), exam.volume, context=method.context, test=VESSELS
        )
        return {"drawn": 100 * kept.cells[0].share}

    def references(self) -> Mapping[str, Figures]:
        """The same rays with a smooth kernel."""
        smooth = {f"spine-{seed}": simulate_spine_exam(seed, SCAN, kernel=SMOOTH) for seed in SEEDS}
        parts = {name: exam.noisy for name, exam in smooth.items()} | {
            f"{name}-probe": exam.probe for name, exam in smooth.items()
        }
        return {REFERENCE: self.figures({name: np.asarray(hu[list(INNER)]) for name, hu in parts.items()})}

    def goals(self, rows: Mapping[str, Figures]) -> Mapping[str, Goal]:
        """See `DataSet`."""
        kept = Goal(KEPT, at_most=False)
        return {
            "noise": Goal(NOISE_REDUCTION, at_most=False),
            "ttf50": Goal(TTF_LOSS, at_most=True),
            "vein": kept,
            "drawn": kept,
        }

    def _of_patients(self, found: Mapping[str, SpineFigures]) -> dict[str, float | None]:
        losses = [
            None if one is None or truth is None else 100 * (1 - one / truth)
            for one, truth in (
                (figures.rod.f50_per_mm, self._truths[name].f50_per_mm) for name, figures in found.items()
            )
        ]
        veins = [vein for one in found.values() for vein in one.veins]

        def kept(*, thinnest: float, widest: float, faintest: float, strongest: float) -> float | None:
            shares = [
                vein.retained
                for vein in veins
                if thinnest <= vein.diameter_mm <= widest and faintest <= vein.contrast_hu <= strongest
            ]
            return 100 * float(np.mean(shares)) if shares else None

        return {
            "ttf50": None if None in losses else float(np.mean([loss for loss in losses if loss is not None])),
            "vein": kept(thinnest=VEIN_MM, widest=VEIN_MM, faintest=VEIN_HU, strongest=VEIN_HU),
            "thin": kept(thinnest=0.3, widest=0.3, faintest=200, strongest=np.inf),
            "faint": kept(thinnest=0.6, widest=np.inf, faintest=100, strongest=100),
            "muscle": float(np.mean([one.muscle_bias_hu for one in found.values()])),
            "medium": float(np.mean([one.medium_bias_hu for one in found.values()])),
        }

    def _far_off(self, image: str, place: int, section: Picture) -> float:
        exam = self._exams[image]
        before, after = (_noise_in_muscle(exam, one[np.newaxis]) for one in (exam.noisy[INNER[place]], section))
        return abs(100 * (1 - after / before) - NOISE_REDUCTION)


def _filled(hu: Stack, output: Stack) -> Stack:
    """All sections; those at the ends, which are not measured, as they were."""
    filled = np.array(hu)
    filled[list(INNER)] = output
    return filled


def _noise_in_muscle(exam: SpineExam, stack: Stack) -> float:
    """Standard deviation of each section, root mean square, in HU."""
    return float(np.sqrt(stack[:, exam.muscle].var(axis=1, dtype=np.float64).mean()))


def _noise(exam: SpineExam) -> Noise:
    """That of the muscle, from noisy − truth."""
    noise = np.asarray((exam.noisy - exam.truth)[list(INNER)])
    image = MeasuredImage("", noise, Grid.of(exam.volume.geometry, noise.shape))
    muscle = LabelShape(np.broadcast_to(exam.muscle, noise.shape), image.grid)
    return Noise.of(square_regions(muscle, image).spectrum(image, detrend=0), (exam.pixel_mm,) * 2)

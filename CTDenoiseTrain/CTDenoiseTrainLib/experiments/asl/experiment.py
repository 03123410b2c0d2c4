"""The experiment `asl`: perfusion from a few pairs of label and control, by a network and by plain averaging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..experiment import ExperimentResult, Scale
from ..workbench import Workbench
from .cohort_images import CohortImages, draw_cohort
from .figures import ShownSection, plot_errors, plot_maps
from .measure import squared_errors, subjects_of
from .networks import FoldNetwork, estimates, fold_networks
from .result import PATIENTS, STROKES, put_together
from .settings import SETTINGS, Cohort, Settings

_MAPS, _ERRORS = "perfusion.png", "errors.png"

Cohorts = Mapping[str, CohortImages]
Networks = Mapping[int, Sequence[FoldNetwork]]


class ArterialSpinLabelling:
    """Arterial spin labelling after Kim et al. (2018).

    Args:
        settings: At each scale.
    """

    def __init__(self, settings: Mapping[Scale, Settings] = SETTINGS) -> None:
        self.name = "asl"
        self.title = "Arterial spin labelling: perfusion from a few pairs instead of all"
        self.paper = "Kim KH, Choi SH, Park SH. Radiology 2018;287:658–666, doi 10.1148/radiol.2017171154"
        self._settings = settings

    def configuration(self, scale: Scale) -> Settings:
        """Everything that decides the figures at this scale."""
        return self._settings[scale]

    def run(self, bench: Workbench) -> ExperimentResult:
        """Simulate both cohorts, train on the patients, measure on both."""
        settings = self._settings[bench.scale]
        cohorts = {
            PATIENTS: _images(bench, settings, PATIENTS, settings.patients),
            STROKES: _images(bench, settings, STROKES, settings.strokes),
        }
        networks = {
            averaged: fold_networks(bench, settings, cohorts[PATIENTS], averaged) for averaged in settings.averaged
        }
        errors = bench.figures("errors", lambda: _measure(bench, settings, cohorts, networks))
        return put_together(
            settings, errors, networks, figures=_save_figures(bench, settings, cohorts, networks, errors)
        )


def _images(bench: Workbench, settings: Settings, name: str, cohort: Cohort) -> CohortImages:
    return CohortImages.of(
        bench.arrays(name, lambda: draw_cohort(cohort, settings.labelling, count=bench.watcher.count))
    )


def _measure(bench: Workbench, settings: Settings, cohorts: Cohorts, networks: Networks) -> dict[str, Any]:
    """Errors of each subject: by cohort, then "all pairs", or the number averaged with "averaging" and "network"."""
    result: dict[str, Any] = {}
    for name, images in cohorts.items():
        result[name] = {"all pairs": squared_errors(images, images.mean_of_all)}
        for averaged, folds in networks.items():
            few = images.subtractions[:, :, :averaged].mean(axis=2)
            result[name][str(averaged)] = {
                "averaging": squared_errors(images, few),
                "network": _errors_of_networks(bench, settings, images, folds, of_patients=name == PATIENTS),
            }
    return result


def _errors_of_networks(
    bench: Workbench, settings: Settings, images: CohortImages, folds: Sequence[FoldNetwork], *, of_patients: bool
) -> dict[str, list[float]]:
    """Of a patient by the network that did not see him; of a cohort that none has seen, the mean over all networks."""
    subjects = len(images.subtractions)
    sums = {kind: np.zeros(subjects) for kind in ("all", "changed", "truth", "edges")}
    for fold in folds:
        chosen = fold.tested if of_patients else np.arange(subjects)
        own = subjects_of(images, chosen)
        made = estimates(fold, own.subtractions, backend=bench.backend, scale=settings.scale)
        for kind, errors in squared_errors(own, made).items():
            sums[kind][chosen] += errors
    return {kind: (total / (1 if of_patients else len(folds))).tolist() for kind, total in sums.items()}


def _save_figures(
    bench: Workbench, settings: Settings, cohorts: Cohorts, networks: Networks, errors: Mapping[str, Any]
) -> dict[str, str]:
    averaged, pairs = settings.averaged[0], settings.labelling.pairs
    fold = networks[averaged][0]
    shown = [
        _shown_section("patient", subjects_of(cohorts[PATIENTS], fold.tested), fold, bench, settings),
        _shown_section("stroke", cohorts[STROKES], fold, bench, settings),
    ]
    bench.save_figure(_MAPS, plot_maps(shown, averaged=averaged, pairs=pairs, pixel_mm=settings.labelling.pixel_mm))
    by_averaged = {
        number: {
            name: (errors[name][str(number)]["averaging"]["all"], errors[name][str(number)]["network"]["all"])
            for name in cohorts
        }
        for number in settings.averaged
    }
    bench.save_figure(_ERRORS, plot_errors(by_averaged, pairs=pairs))
    return {
        _MAPS: "Perfusion of an unseen patient and of one after a stroke, of median error among those of their cohorts "
        f"in whom a disease changes it: true, the mean of all {pairs} pairs, the mean of {averaged} pairs, what the "
        f"network makes of the same {averaged}, and how far both are from the mean of all.",
        _ERRORS: f"Mean squared error against the mean of all {pairs} pairs, a point for each subject; below the "
        "dotted line the network is better than averaging the same pairs, on the dashed line by 40 % as in the paper.",
    }


def _shown_section(
    name: str, images: CohortImages, fold: FoldNetwork, bench: Workbench, settings: Settings
) -> ShownSection:
    """Of the subjects with a changed region the one of median error, and there the section that shows most of it."""
    sizes = images.changed.sum(axis=(2, 3))
    few = images.subtractions[:, :, : fold.averaged].mean(axis=2)
    errors = np.where(sizes.any(axis=1), squared_errors(images, few)["all"], np.inf)
    subject = int(np.argsort(errors)[np.isfinite(errors).sum() // 2])
    section = int(sizes[subject].argmax())
    one = subjects_of(images, np.array([subject]))
    made = estimates(fold, one.subtractions, backend=bench.backend, scale=settings.scale)
    return ShownSection(
        name=name,
        truth=one.perfusion[0, section],
        all_pairs=one.mean_of_all[0, section],
        few=one.subtractions[0, section, : fold.averaged].mean(axis=0),
        network=made[0, section],
    )

"""Tables, findings and notes of the experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from CTDenoiseLib.measure.result_table import Cell, Column, ResultTable

from ..experiment import ExperimentResult, Finding
from .figures import UNIT
from .measure import SIGNIFICANT, Comparison
from .networks import FoldNetwork
from .settings import Settings

PATIENTS, STROKES = "unseen patients", "stroke cohort"
_SQUARED = f"({UNIT})²"

Errors = Mapping[str, Any]


def put_together(
    settings: Settings, errors: Errors, networks: Mapping[int, Sequence[FoldNetwork]], *, figures: Mapping[str, str]
) -> ExperimentResult:
    """The result.

    Args:
        settings: Of the experiment.
        errors: By cohort, then "all pairs", or the number averaged with "averaging" and "network"; see
            `squared_errors`.
        networks: By the number of pairs that they are given.
        figures: Names and captions.
    """
    return ExperimentResult(
        tables=(_against_all(settings, errors), _against_truth(settings, errors), _trainings(networks)),
        findings=tuple(_findings(settings, errors)),
        figures=figures,
        notes=_notes(settings),
    )


def _compared(errors: Errors, cohort: str, averaged: int, kind: str) -> Comparison:
    of_pairs = errors[cohort][str(averaged)]
    return Comparison.of(of_pairs["averaging"][kind], of_pairs["network"][kind])


def _mean(values: Sequence[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))


def _against_all(settings: Settings, errors: Errors) -> ResultTable:
    rows: list[tuple[Cell, ...]] = []
    for cohort in (PATIENTS, STROKES):
        for averaged in settings.averaged:
            whole, changed = (_compared(errors, cohort, averaged, kind) for kind in ("all", "changed"))
            rows.append(
                (
                    *(cohort, averaged, whole.subjects, whole.averaging, whole.network, whole.lower_by, whole.p),
                    *(changed.averaging, changed.network, changed.lower_by),
                )
            )
    columns = (
        Column("cohort", "Cohort"),
        Column("pairs", "Pairs"),
        Column("subjects", "Subjects"),
        Column("averaging", "MSE of averaging", _SQUARED),
        Column("network", "MSE of the network", _SQUARED),
        Column("lower_by", "Lower by", "%"),
        Column("p", "p (Wilcoxon)"),
        Column("changed_averaging", "Changed region: averaging", _SQUARED),
        Column("changed_network", "Changed region: network", _SQUARED),
        Column("changed_lower_by", "Changed region: lower by", "%"),
    )
    return ResultTable(
        f"Mean squared error (MSE) against the mean of all {settings.labelling.pairs} pairs", columns, tuple(rows)
    )


def _against_truth(settings: Settings, errors: Errors) -> ResultTable:
    rows: list[tuple[Cell, ...]] = []
    for cohort in (PATIENTS, STROKES):
        of_all = errors[cohort]["all pairs"]
        for averaged in settings.averaged:
            whole, edges = (_compared(errors, cohort, averaged, kind) for kind in ("truth", "edges"))
            rows.append(
                (
                    *(cohort, averaged, whole.averaging, whole.network, whole.lower_by, _mean(of_all["truth"])),
                    *(edges.averaging, edges.network, _mean(of_all["edges"])),
                )
            )
    columns = (
        Column("cohort", "Cohort"),
        Column("pairs", "Pairs"),
        Column("averaging", "MSE of averaging", _SQUARED),
        Column("network", "MSE of the network", _SQUARED),
        Column("lower_by", "Lower by", "%"),
        Column("all_pairs", "MSE of the mean of all", _SQUARED),
        Column("edges_averaging", "Edges: averaging", _SQUARED),
        Column("edges_network", "Edges: network", _SQUARED),
        Column("edges_all_pairs", "Edges: mean of all", _SQUARED),
    )
    return ResultTable("Mean squared error (MSE) against true perfusion", columns, tuple(rows))


def _trainings(networks: Mapping[int, Sequence[FoldNetwork]]) -> ResultTable:
    columns = (
        Column("pairs", "Pairs"),
        Column("fold", "Fold"),
        Column("steps", "Steps"),
        Column("first_loss", "Loss, first epoch", _SQUARED),
        Column("last_loss", "Loss, last epoch", _SQUARED),
        Column("seconds", "Time", "s"),
    )
    rows = tuple(
        (averaged, number, fold.trained.steps, fold.trained.losses[0], fold.trained.losses[-1], fold.trained.seconds)
        for averaged, folds in networks.items()
        for number, fold in enumerate(folds, start=1)
    )
    return ResultTable("Training", columns, rows)


def _findings(settings: Settings, errors: Errors) -> list[Finding]:
    pairs = settings.labelling.pairs
    against_all = f"MSE in {_SQUARED} against the mean of all {pairs} pairs, averaging → network"
    return [
        _finding(
            "The mean squared error of the network is lower than that of averaging the same pairs.",
            settings,
            errors,
            (PATIENTS,),
            kind="all",
            of_what=f"{against_all}; the paper says about 40 % lower",
        ),
        _finding(
            "That holds for a separate cohort of patients after a stroke.",
            settings,
            errors,
            (STROKES,),
            kind="all",
            of_what=f"{against_all}; the paper says about 40 % lower",
        ),
        _finding(
            "It holds where the stroke has reduced perfusion.",
            settings,
            errors,
            (STROKES,),
            kind="changed",
            of_what=f"{against_all}, in the region of reduced perfusion",
        ),
        _finding(
            "Marks of motion are suppressed.",
            settings,
            errors,
            (PATIENTS, STROKES),
            kind="edges",
            of_what=f"MSE in {_SQUARED} against true perfusion at the edges of the static signal, averaging → network",
        ),
    ]


def _finding(  # noqa: PLR0913 - what is said, and of what
    statement: str, settings: Settings, errors: Errors, cohorts: Sequence[str], *, kind: str, of_what: str
) -> Finding:
    """Shown if the network's error is lower at p < 0.001 for each number of pairs and each cohort."""
    found = {
        f"{cohort}, {averaged} pairs": _compared(errors, cohort, averaged, kind)
        for cohort in cohorts
        for averaged in settings.averaged
    }
    figures = "; ".join(f"{name}: {comparison}" for name, comparison in found.items())
    return Finding(
        statement=statement,
        shown=all(comparison.shown for comparison in found.values()),
        evidence=f"{of_what}: {figures}. Shown if lower at p < {SIGNIFICANT:g} in each.",
    )


def _notes(settings: Settings) -> tuple[str, ...]:
    patients, strokes, labelling = settings.patients, settings.strokes, settings.labelling
    return (
        "Of the paper only its abstract and a news text were read. From the abstract: two or three pair-wise "
        "subtractions as input, the mean of six or seven as target, 114 patients in cross-validation, 26 separate "
        "patients with stroke, errors compared by signed-rank test. The seven healthy subjects are left out.",
        f"All images are simulated: {patients.subjects} patients and {strokes.subjects} after a stroke, "
        f"{labelling.sections} sections each of {labelling.matrix}² pixels of {labelling.pixel_mm:g} mm, with thermal "
        "and physiological noise, motion within and between pairs without correction, and spoilt pairs; single-delay "
        "pseudo-continuous labelling, where most images of the paper are Hadamard-encoded.",
        f"The network is a U-Net of width {settings.width} that sees the mean of the few pairs and each of them; that "
        "of the paper has a local path and one of dilated convolutions.",
        "The few pairs are among all, as in the paper, so that part of their noise is in the target; the errors "
        "against true perfusion, which only a simulation knows, are free of that.",
        f"Patients are tested in {settings.folds} folds, each by a network that has not seen them; the stroke cohort "
        "by all of these networks, with the mean of their errors.",
        "Radiologic scores, which the paper also gives, are not repeated.",
        "Perfusion in ml/100 g/min takes the place of HU in files and messages of the training.",
    )

"""Tables, findings and notes of the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from CTDenoiseLib.measure.audit.words import number
from CTDenoiseLib.measure.result_table import Cell, Column, ResultTable

from ...recipe.content import FeatureLoss
from ..experiment import ExperimentResult, Finding
from ..trained import Trained
from .bones import kept
from .measure import WINDOW_HU, power_apart
from .settings import Settings

LOW, SQUARED, FEATURES, FULL = "low dose", "MSE", "MSE + features", "full dose"

LEAST_CONTRAST_KEPT, WIDEST_EDGE = 95.0, 110.0
"""In percent of the full dose: what counts here as a bone whose structure is kept."""


Measures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """What was trained.

    Attributes:
        networks: By name of the pictures that they make; without features where there were no weights.
        vgg16: Those weights.
        feature_weight: Weight of the feature loss beside the squared error.
    """

    networks: Mapping[str, Trained]
    vgg16: FeatureLoss | None
    feature_weight: float | None


def put_together(
    settings: Settings, measured: Measures, outcome: Outcome, *, figures: Mapping[str, str], where: str
) -> ExperimentResult:
    """The result.

    Args:
        settings: Of the experiment.
        measured: By name of the pictures, see `measure_pictures`.
        outcome: What was trained.
        figures: Names and captions.
        where: Where weights of VGG16 would be found, for the user.
    """
    return ExperimentResult(
        tables=(_pictures_table(measured), _training_table(outcome)),
        findings=(_noise_falls(measured), _bone_is_kept(measured), _texture_is_left(measured), _closer(measured)),
        figures=figures,
        notes=_notes(settings, outcome, where),
    )


def _pictures_table(measured: Measures) -> ResultTable:
    columns = (
        Column("picture", "Picture"),
        Column("rmse", "RMSE", "HU"),
        Column("psnr", "PSNR", "dB"),
        Column("ssim", "SSIM"),
        Column("noise", "Noise", "HU"),
        Column("mean_frequency", "Mean frequency of the NPS", "mm⁻¹"),
        Column("power_apart", "NPS apart from full dose", "%"),
        Column("contrast_kept", "Bone contrast kept", "%"),
        Column("edge_kept", "Bone edge width", "% of full dose"),
        Column("bones", "Bones"),
    )
    rows = tuple(_row(name, own, measured[FULL]) for name, own in measured.items())
    low, high = WINDOW_HU
    return ResultTable(f"Against the full dose, {low:g} to {high:g} HU; noise of two scans", columns, rows)


def _row(name: str, own: Mapping[str, Any], full: Mapping[str, Any]) -> tuple[Cell, ...]:
    contrast, bones = kept(own["contrast"], full["contrast"])
    edge, _ = kept(own["edge"], full["edge"])
    likeness: tuple[Cell, ...] = (None, None, None) if name == FULL else (own["rmse"], own["psnr"], own["ssim"])
    apart = power_apart(own["power"], full["power"])
    return (name, *likeness, own["noise"], own["mean_frequency"], apart, contrast, edge, bones)


def _training_table(outcome: Outcome) -> ResultTable:
    columns = (
        Column("network", "Network"),
        Column("steps", "Steps"),
        Column("first_loss", "Squared error, first epoch", "HU²"),
        Column("last_loss", "Squared error, last epoch", "HU²"),
        Column("seconds", "Time", "s"),
    )
    rows = tuple(
        (name, network.steps, network.losses[0], network.losses[-1], network.seconds)
        for name, network in outcome.networks.items()
    )
    return ResultTable("Training", columns, rows)


def _noise_falls(measured: Measures) -> Finding:
    low, squared, full = (measured[name]["noise"] for name in (LOW, SQUARED, FULL))
    change = number(100 * (squared / low - 1), "+.0f")
    return Finding(
        statement="Noise falls.",
        shown=bool(squared < low),
        evidence=f"From {low:.1f} to {squared:.1f} HU ({change} %) with the squared error alone; "
        f"the full dose has {full:.1f} HU. Shown if it falls.",
    )


def _bone_is_kept(measured: Measures) -> Finding:
    full = measured[FULL]
    parts, holds = [], []
    for name in (SQUARED, FEATURES):
        if name not in measured:
            continue
        contrast, bones = kept(measured[name]["contrast"], full["contrast"])
        edge, edges = kept(measured[name]["edge"], full["edge"])
        holds.append(contrast >= LEAST_CONTRAST_KEPT and edge <= WIDEST_EDGE)
        parts.append(
            f"{name}: {contrast:.0f} % of the peak contrast (median of {bones} bones) and {edge:.0f} % of the edge "
            f"width ({edges}) of the full dose"
        )
    known = not any(np.isnan(kept(measured[SQUARED][kind], full[kind])[0]) for kind in ("contrast", "edge"))
    return Finding(
        statement="The structure of bone is kept.",
        shown=all(holds) if known else None,
        evidence=f"{'; '.join(parts)}. Shown from {LEAST_CONTRAST_KEPT:g} % of the contrast on, up to "
        f"{WIDEST_EDGE:g} % of the width.",
    )


def _texture_is_left(measured: Measures) -> Finding:
    statement = "With features more noise is left, and its texture is nearer to that of the full dose."
    if FEATURES not in measured:
        return Finding(statement=statement, shown=None, evidence="There were no weights of VGG16.")
    squared, features, full = (measured[name] for name in (SQUARED, FEATURES, FULL))
    apart = [power_apart(own["power"], full["power"]) for own in (squared, features)]
    return Finding(
        statement=statement,
        shown=bool(features["noise"] > squared["noise"] and apart[1] < apart[0]),
        evidence=f"Noise {squared['noise']:.1f} → {features['noise']:.1f} HU, noise power spectrum {apart[0]:.0f} → "
        f"{apart[1]:.0f} % apart from that of the full dose. Shown if the first grows and the second falls.",
    )


def _closer(measured: Measures) -> Finding:
    statement = (
        "The picture of the squared error alone is closer to the full dose, if that is measured by its own measure."
    )
    if FEATURES not in measured:
        return Finding(statement=statement, shown=None, evidence="There were no weights of VGG16.")
    squared, features = (measured[name]["rmse"] for name in (SQUARED, FEATURES))
    return Finding(
        statement=statement,
        shown=bool(squared < features),
        evidence=f"RMSE {squared:.1f} HU, with features {features:.1f} HU. Shown if the first is less.",
    )


def _notes(settings: Settings, outcome: Outcome, where: str) -> tuple[str, ...]:
    scanner = settings.scanner
    low = 100 * scanner.dose_share
    with_features = (
        f"The weights of VGG16 have the SHA256 {outcome.vgg16.sha256}; their loss has the weight "
        f"{outcome.feature_weight:.3g}, with which it is {settings.feature_share:g} times the squared error of "
        "low-dose patches."
        if outcome.vgg16 is not None and outcome.feature_weight is not None
        else "There are no weights of VGG16, so the part with features was left out. Put them as safetensors, with "
        f"the names of torchvision, into {where}, and start again: what is finished stays."
    )
    return (
        with_features,
        "Simulated scans of two openly licensed chests (5 mm sections, smooth kernel), where the article has abdomens "
        f"of the AAPM Low Dose CT Grand Challenge: parallel rays, {scanner.views} views, ramp with a Hann window to "
        f"{scanner.cutoff_per_mm:g} mm⁻¹. At low dose each detected photon is kept with a chance of {low:g} %. The "
        "noise that the chests bring along is in all pictures alike.",
        f"One chest to learn from, {settings.training_sections} sections, and {settings.test_sections} whole sections "
        "of the other to test on. The network predicts the noise, the article's the picture.",
        "Noise and its power spectrum are those of the difference of two scans with independent noise, in squares of "
        "uniform soft tissue. Bones are measured where the profile of the scan without noise allows it.",
        "The article leaves numbers of filters and steps to its notebook, which was read in part. Here: "
        f"{settings.filters} filters of 3×3, {settings.steps_per_epoch * settings.training.epochs} steps of "
        f"{settings.training.batch} patches of {settings.patches.side}², learning rate up to "
        f"{settings.training.highest_rate:g}.",
    )

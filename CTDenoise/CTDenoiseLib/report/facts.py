"""The facts of a run as names and values for people: how a result came about, and what was measured in passing."""

from __future__ import annotations

from dataclasses import dataclass

from .. import __version__
from ..dicom.derivation import Derivation
from ..measure.audit.effect import Effect
from ..measure.noise.uniform_region import UniformRegion
from .words import signed, thousands

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class RunFigures:
    """What is known only while a run lasts.

    Attributes:
        seconds: From the start of the run to its last file.
        sections_per_second: Mean rate of the denoiser.
        passed_through: Voxels left unchanged.
        voxels: Of the whole volume.
    """

    seconds: float
    sections_per_second: float
    passed_through: int
    voxels: int


def table_of_facts(derivation: Derivation, *, device: str, effect: Effect, run: RunFigures) -> Facts:
    """What the command line tells at the end of a run.

    Args:
        derivation: How the result came about.
        device: Short name of the device, such as "cuda:0".
        effect: What was measured.
        run: Figures of the run.
    """
    return (
        ("Model", f"{derivation.model} {derivation.model_version} ({derivation.weights_sha256[:12]})"),
        *_settings(derivation, device),
        *_speed(run),
        *_measured(effect),
        _unchanged(run),
    )


def provenance(derivation: Derivation, *, device: str, run: RunFigures | None = None) -> Facts:
    """How a result came about, for the report.

    Args:
        derivation: How the result came about.
        device: Short name of the device, such as "cuda:0".
        run: Figures of the run, where the result comes straight from it.
    """
    of_run = () if run is None else (*_speed(run), _unchanged(run))
    return (
        ("Model", f"{derivation.model} {derivation.model_version}"),
        ("Weights", f"SHA256 {derivation.weights_sha256}"),
        *_settings(derivation, device),
        ("Context", f"{2 * derivation.context + 1} sections"),
        *of_run,
        ("Software", f"CTDenoise {__version__}"),
    )


def _settings(derivation: Derivation, device: str) -> Facts:
    return (
        ("Strength", f"{100 * derivation.strength:g} %"),
        ("Device", f"{derivation.device} ({device})"),
        ("Precision", derivation.precision),
    )


def _speed(run: RunFigures) -> Facts:
    return ("Time", f"{run.seconds:.1f} s in all"), ("Rate", f"{run.sections_per_second:.2f} slices/s")


def _unchanged(run: RunFigures) -> tuple[str, str]:
    share = 100 * run.passed_through / run.voxels
    return "Unchanged", f"{thousands(run.passed_through)} voxels ({share:.1f} %) passed through"


def _measured(effect: Effect) -> Facts:
    facts = []
    if effect.region is not None and effect.after is not None and effect.noise_change is not None:
        before, after = effect.region, effect.after
        facts += [
            ("Noise", f"{before.noise_hu:.1f} → {after.noise_hu:.1f} HU ({signed(effect.noise_change, 0)} %)"),
            ("Mean there", f"{signed(before.mean_hu, 1, plus='')} → {signed(after.mean_hu, 1, plus='')} HU"),
            ("Where", _place(before)),
        ]
    else:
        facts.append(("Noise", "not measured, no uniform region found"))
    if effect.mean_shift is not None:
        facts.append(("Mean shift", f"{signed(effect.mean_shift, 2)} HU in the body"))
    if effect.edges is not None:
        facts.append(("Edge ratio", f"{effect.edges.ratio:.2f} (noise alone: about 1)"))
    return tuple(facts)


def _place(region: UniformRegion) -> str:
    """Where a region lies, counted from 1."""
    rows = f"rows {region.rows.start + 1}–{region.rows.stop}"
    return f"section {region.section + 1}, {rows}, columns {region.columns.start + 1}–{region.columns.stop}"

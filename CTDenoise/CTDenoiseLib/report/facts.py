"""The table of a report: how a result came about and what was measured, as names and values for people."""

from __future__ import annotations

from dataclasses import dataclass

from ..dicom.derivation import Derivation
from ..measure.effect import Effect
from ..measure.uniform_region import UniformRegion


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


def table_of_facts(
    derivation: Derivation, *, device: str, effect: Effect, run: RunFigures | None = None
) -> tuple[tuple[str, str], ...]:
    """Names and values, in order.

    Args:
        derivation: How the result came about.
        device: Short name of the device, such as "cuda:0".
        effect: What was measured.
        run: Figures of the run, where the result comes straight from it.
    """
    facts = [
        ("Model", f"{derivation.model} {derivation.model_version} ({derivation.weights_sha256[:12]})"),
        ("Strength", f"{100 * derivation.strength:g} %"),
        ("Device", f"{derivation.device} ({device})"),
        ("Precision", derivation.precision),
    ]
    if run is not None:
        facts += [("Time", f"{run.seconds:.1f} s in all"), ("Rate", f"{run.sections_per_second:.2f} slices/s")]
    facts += _measured(effect)
    if run is not None:
        share = 100 * run.passed_through / run.voxels
        facts.append(("Unchanged", f"{_thousands(run.passed_through)} voxels ({share:.1f} %) passed through"))
    return tuple(facts)


def _measured(effect: Effect) -> list[tuple[str, str]]:
    facts = []
    if effect.region is not None and effect.after is not None:
        before, after = effect.region, effect.after
        facts += [
            ("Noise", f"{before.noise_hu:.1f} → {after.noise_hu:.1f} HU ({_signed(effect.noise_change, 0)} %)"),
            ("Mean there", f"{_signed(before.mean_hu, 1, plus='')} → {_signed(after.mean_hu, 1, plus='')} HU"),
            ("Where", _place(before)),
        ]
    else:
        facts.append(("Noise", "not measured, no uniform region found"))
    if effect.mean_shift is not None:
        facts.append(("Mean shift", f"{_signed(effect.mean_shift, 2)} HU in the body"))
    if effect.edges is not None:
        facts.append(("Edge ratio", f"{effect.edges.ratio:.2f} (noise alone: about 1)"))
    return facts


def _place(region: UniformRegion) -> str:
    """Where a region lies, counted from 1."""
    rows = f"rows {region.rows.start + 1}–{region.rows.stop}"
    return f"section {region.section + 1}, {rows}, columns {region.columns.start + 1}–{region.columns.stop}"


def _signed(value: float | None, digits: int, plus: str = "+") -> str:
    """A number with a true minus sign; zero has none."""
    rounded = round(value or 0.0, digits)
    sign = "−" if rounded < 0 else plus if rounded > 0 else ""
    return f"{sign}{abs(rounded):.{digits}f}"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")

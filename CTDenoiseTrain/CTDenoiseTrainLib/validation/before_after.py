"""The table of figures before and after training, on sections that training never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from CTDenoiseLib.measure.audit.words import number
from CTDenoiseLib.models import Metric
from CTDenoiseLib.networks import DenoisingNetwork

from .figures import SectionFigures, Terms
from .validator import Validator

NO_FIGURE = "–"

# From which on a table is accompanied by a sentence, whatever the error says.
LARGEST_BIAS_HU = 3.0
MORE_NOISE = 1.1
ANATOMY_TAKEN = 2.0


@dataclass(frozen=True)
class _Figure:
    """How a figure is shown.

    Attributes:
        field: Of `SectionFigures`.
        name: In the field's words.
        unit: Empty for pure numbers.
        form: As of `format`.
        note: What a reader must know to compare it.
        of_likeness: Whether window and data range belong to it.
    """

    field: str
    name: str
    unit: str
    form: str
    note: str = ""
    of_likeness: bool = False

    def value(self, figures: SectionFigures) -> float | None:
        value: float | None = getattr(figures, self.field)
        return value

    def text(self, figures: SectionFigures) -> str:
        value = self.value(figures)
        return NO_FIGURE if value is None else number(value, self.form)


_LOSS = _Figure("loss", "loss", "", ".4g", "On pairs as in training, since nobody knows the noise itself.")
_FLAT = "Over the flatter half of the soft tissue."
_FIGURES = (
    _Figure("rmse", "RMSE", "HU", ".2f", "Against the target.", of_likeness=True),
    _Figure("psnr", "PSNR", "dB", ".2f", "Against the target.", of_likeness=True),
    _Figure("ssim", "SSIM", "", ".4f", "Against the target.", of_likeness=True),
    _Figure("noise_hu", "soft-tissue noise", "HU", ".1f", _FLAT),
    _Figure("noise_reduction", "noise reduction", "%", ".1f", _FLAT),
    _Figure("residual_index", "edge ratio of the residual", "", ".2f", "Pure noise of a real scanner has 0.96."),
    _Figure("bias_hu", "HU bias", "HU", "+.2f", _FLAT),
)


@dataclass(frozen=True, kw_only=True)
class BeforeAfter:
    """Figures before and after.

    Attributes:
        before_is: What stands in the first column: "input", or "parent" for the output of the model that was
            fine-tuned.
        before: Its figures.
        after: Figures of the output after training.
        data: The sections they were measured on, in words.
        terms: Window and data range of RMSE, PSNR and SSIM.
    """

    before_is: Literal["input", "parent"]
    before: SectionFigures
    after: SectionFigures
    data: str
    terms: Terms

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """Name with unit, before and after, as texts; figures that neither has are left out."""
        return tuple(
            (
                f"{figure.name[0].upper()}{figure.name[1:]}" + (f" ({figure.unit})" if figure.unit else ""),
                figure.text(self.before),
                figure.text(self.after),
            )
            for figure in self._figures
        )

    @property
    def is_better(self) -> bool:
        """Whether training was worth it: less error against targets; without targets, less loss, or else less noise."""
        for field in ("rmse", "loss", "noise_hu"):
            before, after = getattr(self.before, field), getattr(self.after, field)
            if before is not None and after is not None:
                return bool(after < before)
        return False

    @property
    def cautions(self) -> tuple[str, ...]:
        """What an error that became smaller does not tell, in sentences."""
        found = []
        bias, residual_index = self.after.bias_hu, self.after.residual_index
        before, after = self.before.noise_hu, self.after.noise_hu
        if bias is not None and abs(bias) > LARGEST_BIAS_HU:
            found.append(
                f"HU of soft tissue are shifted by {number(bias, '+.1f')} HU on the held-out sections: train longer, "
                "or do not use the model where HU are read."
            )
        if before is not None and after is not None and after > MORE_NOISE * before:
            found.append(
                f"Soft tissue of the held-out sections has more noise than with the {self.before_is}: {after:.1f} and "
                f"{before:.1f} HU."
            )
        if residual_index is not None and residual_index > ANATOMY_TAKEN:
            found.append(
                f"What is taken away is {residual_index:.1f} times as strong at edges as in flat tissue, where noise "
                "has about 1: anatomy goes with it."
            )
        return tuple(found)

    def metrics(self) -> tuple[Metric, ...]:
        """The figures after training as a model card states them, each with the one before in its note."""
        return tuple(self._metric(figure) for figure in self._figures if figure.value(self.after) is not None)

    def to_content(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> BeforeAfter:
        """What `to_content` gave, after its way through JSON."""
        window = content["terms"]["window_hu"]
        terms = Terms(**{**content["terms"], "window_hu": None if window is None else tuple(window)})
        before, after = (SectionFigures(**content[side]) for side in ("before", "after"))
        return cls(**{**content, "before": before, "after": after, "terms": terms})

    @property
    def _figures(self) -> tuple[_Figure, ...]:
        shown = _FIGURES if self.after.rmse is not None else (_LOSS, *_FIGURES)
        return tuple(figure for figure in shown if {figure.text(self.before), figure.text(self.after)} != {NO_FIGURE})

    def _metric(self, figure: _Figure) -> Metric:
        before = figure.text(self.before)
        beside = "" if before == NO_FIGURE else f" The {self.before_is} has {' '.join((before, figure.unit)).strip()}."
        return Metric(
            name=figure.name,
            # Rounded to zero from below is zero.
            value=float(format(figure.value(self.after), figure.form)) + 0.0,
            unit=figure.unit,
            data=self.data,
            window_hu=self.terms.window_hu if figure.of_likeness else None,
            data_range_hu=self.terms.data_range_hu if figure.of_likeness else None,
            note=f"{figure.note}{beside}",
        )


def before_and_after(
    validator: Validator,
    network: DenoisingNetwork,
    *,
    parent: DenoisingNetwork | None = None,
    check: Callable[[], None] | None = None,
) -> BeforeAfter:
    """Measure a trained network on the held-out sections, beside its parent or the input itself.

    Args:
        validator: Holds the sections.
        network: As it is to be kept.
        parent: The network that fine-tuning began with; `None` compares with the input.
        check: See `Validator`.
    """
    return BeforeAfter(
        before_is="input" if parent is None else "parent",
        before=validator.measure(parent, check),
        after=validator.measure(network, check),
        data=validator.data,
        terms=validator.terms,
    )

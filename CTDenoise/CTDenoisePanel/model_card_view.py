"""The card of a model as a page for the details box."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

if TYPE_CHECKING:
    from CTDenoiseLib.models.card import MadeFor, Metric, ModelCard, ParentModel, Range


def made_for_line(made_for: MadeFor) -> str:
    """One line on the images a model was made for."""
    kernels = _("kernels {names}").format(names=", ".join(made_for.kernels)) if made_for.kernels else _("any kernel")
    return _("{modality}, {kernels}, pixels {pixel} mm, sections {thickness} mm, noise {noise} HU").format(
        modality=made_for.modality,
        kernels=kernels,
        pixel=_range(made_for.pixel_spacing_mm),
        thickness=_range(made_for.section_thickness_mm),
        noise=_range(made_for.noise_hu),
    )


def model_card_page(card: ModelCard) -> str:
    """The card in HTML: what it was made for, what it does not do, how well it did, and where it comes from."""
    heading = _("{name}, version {version}").format(name=card.name, version=card.version)
    parts = [
        f"<p><b>{escape(heading)}</b><br>{escape(card.title)}. {escape(card.description)}</p>",
        f"<p><b>{_('Made for')}:</b> {escape(made_for_line(card.made_for))}</p>",
        _parent(card.training.parent),
        _list(_("Limitations"), card.limitations),
        _list(_("Measured"), map(_metric_line, card.metrics)),
        _list(_("Trained on"), (f"{data.name} ({data.licence}): {data.use}" for data in card.training.data)),
        f"<p><b>{_('Licence')}:</b> {escape(card.licence)}<br>"
        f"<b>{_('SHA256 of the weights')}:</b> {card.weights.sha256[:16]}…</p>",
    ]
    return "".join(parts)


def _parent(parent: ParentModel | None) -> str:
    return "" if parent is None else f"<p><b>{_('Fine-tuned from')}:</b> {escape(str(parent))}</p>"


def _metric_line(metric: Metric) -> str:
    figure = f"{metric.value:g} {metric.unit}".strip()
    return f"{metric.name}: {figure}. {metric.data}. {metric.note}".rstrip(" .") + "."


def _list(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<p><b>{title}:</b></p><ul style="margin-left:16px; -qt-list-indent:0">{items}</ul>' if items else ""


def _range(limits: Range) -> str:
    return "–".join(f"{limit:g}" for limit in limits)

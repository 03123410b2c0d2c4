"""Labels of the compared views: what is shown, short enough for the bar above a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .comparison import Role
from .origin import Origin, origin
from .results import Results
from .scan_facts import scan_facts

if TYPE_CHECKING:
    import slicer

    from .headers import HeaderSource

# Slicer does not shorten a label: a longer one would make its view wider than the others. With 28 characters, the
# label, the buttons, the slider and the field for the offset fit into a third of a window of 1440 pixels.
LONGEST = 28
NOT_DENOISED_HERE = "Not denoised here"
_SHORTEST_KERNEL = 9  # beside a model with a long name
_MISSING = {
    Role.INPUT: "No input chosen",
    Role.SMOOTH: "No smooth series chosen",
    Role.SHARP: "No sharp series chosen",
    Role.DENOISED: "Not denoised yet",
    Role.DIFFERENCE: "No difference yet",
}


def missing_label(role: Role) -> str:
    """Says of an empty view what is missing."""
    return _MISSING[role]


def volume_label(node: slicer.vtkMRMLScalarVolumeNode, headers: HeaderSource | None) -> str:
    """Kernel and section thickness, and the model of a denoised volume, such as "Qr89 1 mm · hrcnn-small".

    Where the kernel is not known, the name of the volume stands for it.

    Args:
        node: The volume.
        headers: Where kernel and thickness come from.
    """
    made_by, result, facts = origin(node, headers), Results.of(node), scan_facts(node, headers)
    if made_by is Origin.NOISE:
        return "Noise"
    scan = "/".join(facts.kernel) or _name_of_scan(node, result)
    thickness = f" {facts.section_thickness:.3g} mm" if facts.section_thickness is not None else ""
    if made_by is Origin.ELSEWHERE:
        return _shorten(scan, LONGEST - len(thickness)) + thickness
    model = result.provenance.model if result is not None else "denoised"
    strength = f" {result.strength:.0%}".replace("%", " %") if result is not None and result.strength != 1.0 else ""
    rest = f"{thickness} · {strength}"
    scan = _shorten(scan, max(_SHORTEST_KERNEL, LONGEST - len(rest) - len(model)))
    return f"{scan}{thickness} · {_shorten(model, LONGEST - len(rest) - len(scan))}{strength}"


def difference_label(width_hu: float) -> str:
    """Names the difference and the range of HU that its colours span."""
    return f"Difference ±{width_hu / 2:.3g} HU"


def fade_label(share: float) -> str:
    """Names a mixture of input and denoised volume."""
    return f"{share:.0%} input, {1 - share:.0%} denoised".replace("%", " %")


def _name_of_scan(node: slicer.vtkMRMLScalarVolumeNode, result: Results | None) -> str:
    source = node if result is None else result.input
    return str(source.GetName()) if source is not None else "Denoised"


def _shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: max(1, longest - 1)].rstrip()}…"

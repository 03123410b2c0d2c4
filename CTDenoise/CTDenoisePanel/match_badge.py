"""The verdict on model and volume as a coloured badge with its reasons in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from .verdict_badge import reason_lines, verdict_badge

if TYPE_CHECKING:
    from CTDenoiseLib.matching import MatchVerdict


def match_badge(verdict: MatchVerdict | None, *, measuring: bool = False) -> str:
    """HTML for a label.

    Args:
        verdict: `None` while there is no volume or no model.
        measuring: Whether the noise of the volume is still being measured.
    """
    if verdict is None:
        return _("Match: known when there are a volume and a model.")
    words = {"green": _("Fits"), "amber": _("Fits in part"), "red": _("Does not fit")}
    level = verdict.level.value
    # The noise is not yet worth a reason: in a moment it is known.
    reasons = [reason.sentence for reason in verdict.objections if not (measuring and reason.what == "noise")]
    if measuring:
        reasons.append(_("Measuring the noise…"))
    elif not reasons:
        reasons.append(_("The volume is of the kind that the model was made for."))
    badge = _("Match: {verdict}").format(verdict=verdict_badge(level, words[level]))
    return badge + reason_lines(reasons)


def red_question(verdict: MatchVerdict) -> str:
    """What to ask before a run that will harm the image."""
    reasons = "\n".join(f"• {reason.sentence}" for reason in verdict.objections if reason.level is verdict.level)
    return _("The model was not made for such a volume:\n\n{reasons}\n\nDenoise all the same?").format(reasons=reasons)

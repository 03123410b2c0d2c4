"""The verdict on model and volume as a coloured badge with its reasons in words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

if TYPE_CHECKING:
    from CTDenoiseLib.matching import MatchVerdict

# Dark enough for white letters in light and dark themes alike; the words say the same for those who see no colours.
_COLOURS = {"green": "#2e7d32", "amber": "#a15c00", "red": "#b3261e"}


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
    style = f"background-color:{_COLOURS[level]};color:white;font-weight:bold"
    badge = _("Match: {verdict}").format(verdict=f'<span style="{style}">&nbsp;{words[level]}&nbsp;</span>')
    bullet = "• " if len(reasons) > 1 else ""
    return badge + "".join(f"<br>{bullet}{escape(reason)}" for reason in reasons)


def red_question(verdict: MatchVerdict) -> str:
    """What to ask before a run that will harm the image."""
    reasons = "\n".join(f"• {reason.sentence}" for reason in verdict.objections if reason.level is verdict.level)
    return _("The model was not made for such a volume:\n\n{reasons}\n\nDenoise all the same?").format(reasons=reasons)

"""The verdict of the residual audit as a coloured badge with its reasons in words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from CTDenoiseLib.measure.audit.residual_audit import CAUTION

from .verdict_badge import reason_lines, verdict_badge

if TYPE_CHECKING:
    from CTDenoiseLib.measure.audit.residual_audit import Audit
    from CTDenoiseScene.kept_audit import KeptAudit

_MOST_REASONS = 4


def audit_badge(kept: KeptAudit) -> str:
    """HTML for a label: the verdict, the gravest reasons, and what no audit sees."""
    words = {"green": _("Like noise"), "amber": _("Look closer"), "red": _("More than noise")}
    level = kept.audit.level.value
    badge = verdict_badge(level, words[level])
    if kept.is_outdated:
        return _("Audit before the last change: {verdict}<br>Audit the result again.").format(verdict=badge)
    if level == "green":
        reasons = [_("At edges, in the mean of tissues and in texture, nothing speaks against noise."), CAUTION]
    else:
        reasons = list(kept.audit.reasons[:_MOST_REASONS])
    return _("Audit: {verdict}").format(verdict=badge) + reason_lines(reasons)


def audit_page(audit: Audit) -> str:
    """HTML for a tooltip: every figure in words."""
    sentences = [figure.sentence for figure in audit.figures] + [CAUTION]
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)

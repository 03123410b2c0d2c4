"""What the panel says of an audit."""

from __future__ import annotations

import pytest

from CTDenoiseLib.measure.audit.audit_verdict import AuditFigure, AuditLevel
from CTDenoiseLib.measure.audit.residual_audit import CAUTION, Audit


@pytest.fixture(autouse=True)
def slicer(slicer_host):
    """The texts need Slicer's translations."""


def figure(level, sentence):
    return AuditFigure("key", "Name", 1.0, "", None, None, level, sentence)


def badge(*figures, is_outdated=False):
    from CTDenoisePanel.audit_badge import audit_badge
    from CTDenoiseScene.kept_audit import KeptAudit

    return audit_badge(KeptAudit(Audit(figures, None, 9, None), is_outdated))


@pytest.mark.parametrize(
    ("level", "words"),
    [(AuditLevel.GREEN, "Like noise"), (AuditLevel.AMBER, "Look closer"), (AuditLevel.RED, "More than noise")],
)
def test_the_badge_says_in_words_what_its_colour_says(level, words):
    assert words in badge(figure(level, "Why."))


def test_the_gravest_reasons_come_first_and_what_is_fine_is_no_reason():
    text = badge(
        figure(AuditLevel.GREEN, "Fine."), figure(AuditLevel.AMBER, "Blotchy."), figure(AuditLevel.RED, "4 < 5 lost.")
    )
    assert text.index("4 &lt; 5 lost.") < text.index("Blotchy.")
    assert "Fine." not in text


def test_a_green_verdict_says_what_no_audit_sees():
    assert CAUTION in badge(figure(AuditLevel.GREEN, "Fine."))


def test_an_outdated_verdict_asks_for_another_audit():
    assert "Audit the result again" in badge(figure(AuditLevel.GREEN, "Fine."), is_outdated=True)


def test_every_figure_is_told_on_request():
    from CTDenoisePanel.audit_badge import audit_page

    figures = (figure(AuditLevel.GREEN, "Fine."), figure(None, "Not judged: 1 < 2."))
    page = audit_page(Audit(figures, None, 9, None))
    assert "<p>Fine.</p><p>Not judged: 1 &lt; 2.</p>" in page
    assert CAUTION in page

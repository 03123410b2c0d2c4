"""Colours of reports and plots."""

from __future__ import annotations

from ..measure.audit.audit_verdict import AuditLevel

# Blue and vermilion of Okabe and Ito, told apart by every kind of colour vision.
INPUT_COLOUR = "#0072B2"
OUTPUT_COLOUR = "#D55E00"
MARK_COLOUR = "#F0E442"
INK = "#1b1f24"
FAINT = "#6b7280"
RULE = "#e5e7eb"
# Dark enough for white letters.
LEVEL_COLOURS = {AuditLevel.GREEN: "#2e7d32", AuditLevel.AMBER: "#a15c00", AuditLevel.RED: "#b3261e"}

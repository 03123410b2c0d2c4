"""One page to judge a denoised volume by: pictures with windows and scale bars, a line profile, a table of facts."""

from __future__ import annotations

from .content import ReportContent, SectionPair
from .page import ReportError, check_report_path, write_report
from .views import choose_detailed_section

__all__ = [
    "ReportContent",
    "ReportError",
    "SectionPair",
    "check_report_path",
    "choose_detailed_section",
    "write_report",
]

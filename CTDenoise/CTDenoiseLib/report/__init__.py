"""One page to judge a denoised volume by: pictures with windows and scale bars, a line profile, a table of facts."""

from __future__ import annotations

from .content import ReportContent, SectionPair
from .facts import RunFigures, table_of_facts
from .page import ReportError, check_report_path, write_report
from .selection import SectionsToShow

__all__ = [
    "ReportContent",
    "ReportError",
    "RunFigures",
    "SectionPair",
    "SectionsToShow",
    "check_report_path",
    "table_of_facts",
    "write_report",
]

"""What dicom3tools (D. Clunie) find wrong with DICOM files: `dciodvfy` in single objects, `dcentvfy` between them.

https://www.dclunie.com/dicom3tools.html
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path


def errors_in(program: str, file: Path) -> set[str]:
    """Errors `dciodvfy` finds in one object, without what differs from run to run; warnings are left out."""
    return _errors([program, str(file)])


def errors_between(program: str, files: Iterable[Path]) -> set[str]:
    """Errors `dcentvfy` finds in what several objects say of the same patient, study, series and so on."""
    return _errors([program, *map(str, files)])


def _errors(command: list[str]) -> set[str]:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=120)
    said = (done.stdout + done.stderr).splitlines()
    return {re.sub(r"\s+", " ", line).strip() for line in said if "Error" in line}

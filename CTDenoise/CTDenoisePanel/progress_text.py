"""How far a run is, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slicer.i18n import tr as _

if TYPE_CHECKING:
    from CTDenoiseLib.worker.messages import JobProgress


def percent(progress: JobProgress) -> int:
    """Share that is done; 100 only at the very end."""
    return progress.done * 100 // max(progress.total, 1)


def progress_line(progress: JobProgress) -> str:
    """Such as “12 of 143 slices, 1.8 slices/s, 1 min 13 s left”."""
    return _("{done} of {total} slices, {rate} slices/s, {left} left").format(
        done=progress.done,
        total=progress.total,
        rate=f"{progress.sections_per_second:.3g}",
        left=duration(progress.seconds_remaining),
    )


def duration(seconds: float) -> str:
    """Such as “42 s”, “3 min 5 s” or “2 h 10 min”."""
    whole = round(seconds)
    if whole < 60:
        return _("{s} s").format(s=whole)
    if whole < 3600:
        return _("{min} min {s} s").format(min=whole // 60, s=whole % 60)
    return _("{h} h {min} min").format(h=whole // 3600, min=whole % 3600 // 60)

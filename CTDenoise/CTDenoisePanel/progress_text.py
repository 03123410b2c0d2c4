"""How far a run is, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slicer.i18n import tr as _

if TYPE_CHECKING:
    from CTDenoiseLib.worker.messages import Estimated, JobProgress, ModelLoaded


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


def expected_line(estimated: Estimated, loaded: ModelLoaded, sections: int) -> str:
    """Such as “About 2 min 10 s for 500 slices on cpu (AMD EPYC), 0.9 GB of memory at most.”."""
    expected = _("About {time} for {n} slices on {device} ({name}), {memory} GB of memory at most.")
    as_before = _(
        "About {time} for {n} slices on {device} ({name}) as in your last run, with up to {memory} GB of memory."
    )
    return (as_before if estimated.from_last_run else expected).format(
        time=duration(_rounded(sections * estimated.seconds_per_section)),
        n=sections,
        device=loaded.device,
        name=loaded.device_name,
        memory=f"{max(estimated.memory_bytes / 1e9, 0.1):.1f}",
    )


def _rounded(seconds: float) -> float:
    """As exact as an expectation can be: at least a second, from a minute on in tens of seconds."""
    return max(1.0, seconds) if seconds < 60 else round(seconds, -1)


def duration(seconds: float) -> str:
    """Such as “42 s”, “3 min 5 s” or “2 h 10 min”."""
    whole = round(seconds)
    if whole < 60:
        return _("{s} s").format(s=whole)
    if whole < 3600:
        return _("{min} min {s} s").format(min=whole // 60, s=whole % 60)
    return _("{h} h {min} min").format(h=whole // 3600, min=whole % 3600 // 60)

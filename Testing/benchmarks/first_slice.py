"""How long a user looks at a blank view after the click on Apply."""

from __future__ import annotations

import time
from dataclasses import dataclass

from CTDenoiseScene.output_sections import BLANK_HU
from CTDenoiseScene.voxels import voxels_of

from .live_views import Drawing
from .module_bench import OUTPUT_VIEW, ModuleBench, spin


@dataclass(frozen=True)
class FirstSlice:
    """Seconds.

    Attributes:
        on_screen: From the click until a denoised section was drawn in the view of the output.
        section: What the worker took for each section, by what it said at the end.
        first_section: What it took for the first one, by what it said then.
    """

    on_screen: float
    section: float
    first_section: float


def first_slice(bench: ModuleBench, *, sections: int, cold: bool = False) -> FirstSlice:
    """Denoise some sections.

    Args:
        bench: Where the comparison is on screen.
        sections: How many.
        cold: Whether there is no worker at the time of the click.
    """
    seen: list[float] = []
    before = bench.user.output.GetImageData()

    def look(drawing: Drawing) -> None:
        is_new = bench.user.output.GetImageData() is not before
        if not seen and is_new and drawing.view == OUTPUT_VIEW and _shows_a_denoised_section(bench):
            seen.append(drawing.at)

    bench.choose(sections)
    if cold:
        bench.end_worker()
    bench.views.on_drawn = look
    start = time.perf_counter()
    bench.apply()
    spin(lambda: seen, timeout=300.0)
    bench.wait_for_end()
    bench.views.on_drawn = lambda _: None
    run = bench.runs[-1]
    return FirstSlice(seen[0] - start, run.seconds_per_section, run.seconds_of_first)


def _shows_a_denoised_section(bench: ModuleBench) -> bool:
    voxels, index = voxels_of(bench.user.output), bench.section_on_screen()
    return voxels is not None and bool((voxels[index] != BLANK_HU).any())

"""How often chart and table are new while the user drags: the real panel on three volumes of 1024² pixels.

    python Testing/benchmarks/measure_panel.py
    python Testing/benchmarks/measure_panel.py --sections 500 --seconds 10

The mouse moves 125 times a second, as most do. Drawing the views is not in it: that is Slicer's part.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import vtk
from PySide6.QtCore import Qt, QTimer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.heartbeat import Heartbeat
from benchmarks.module_bench import FAST_MODEL, ModuleBench, module_bench, spin

SIDE = 1024
AIM_PER_SECOND = 30
_MOUSE_MS = 8
_CIRCLE_MM = 5.0
_CENTRE = (-205.0, -205.0, 10.0)  # of the volumes, in mm
Move = Callable[[float, float], None]


def prepare(bench: ModuleBench, sections: int) -> None:
    """Load three volumes, open the panel and compare them."""
    smooth, sharp, denoised = (bench.load(sections=sections, side=SIDE) for _ in range(3))
    for name, volume in (("Smooth", smooth), ("Sharp", sharp), ("Denoised", denoised)):
        volume.SetName(name)
    bench.user.open(
        model=FAST_MODEL, input_volume=sharp, smooth_volume=smooth, sharp_volume=sharp, denoised_volume=denoised
    )
    bench.user.wait_until_ready()


def line(bench: ModuleBench) -> Move:
    """A line of 100 mm with a width, and what moves its end."""
    x, y, z = _CENTRE
    bench.user.ui.profileWidthSpinBox.setValue(3.0)
    node = bench.user.draw("newLineButton", (x - 50, y, z), (x + 50, y, z))
    return lambda right, up: node.SetNthControlPointPositionWorld(1, x + 50 + right, y + up, z)


def roi(bench: ModuleBench, button: str) -> Move:
    """An ROI of 30 × 30 × 10 mm, and what moves it."""
    x, y, z = _CENTRE
    node = bench.user.draw(button, (x - 15, y - 15, z - 5), (x + 15, y + 15, z + 5))
    node.SetSizeWorld(30.0, 30.0, 10.0)
    return lambda right, up: node.SetCenterWorld(x + right, y + up, z)


@contextmanager
def dragging(move: Move) -> Iterator[None]:
    """Meanwhile, the user moves the mouse in circles."""
    start = time.perf_counter()

    def step() -> None:
        angle = 2 * math.pi * (time.perf_counter() - start)
        move(_CIRCLE_MM * math.cos(angle), _CIRCLE_MM * math.sin(angle))

    timer = QTimer()
    timer.setTimerType(Qt.PreciseTimer)
    timer.timeout.connect(step)
    timer.start(_MOUSE_MS)
    try:
        yield
    finally:
        timer.stop()


def measure(bench: ModuleBench, move: Move, seconds: float) -> str:
    """Drag for a while, and count how often the chart gets new values."""
    updates: list[float] = []
    spin(lambda: bench.user.chart)
    values = bench.user.chart.GetNthPlotSeriesNode(0).GetTableNode()
    tag = values.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: updates.append(time.perf_counter()))
    heartbeat = Heartbeat(lambda: bench.views.seconds_drawn)
    with dragging(move):
        heartbeat.start()
        spin(seconds=seconds)
        gaps = heartbeat.stop()
    values.RemoveObserver(tag)
    return (
        f"{len(updates) / seconds:.0f} updates a second; longest gap of the user interface "
        f"{1000 * gaps.longest_beside_drawing.beside_drawing:.0f} ms"
    )


def main(given: Sequence[str] | None = None) -> int:
    """Measure, and print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", type=int, default=100, help="of each volume; 500 need 3 GB of memory")
    parser.add_argument("--seconds", type=float, default=5.0, help="to drag in each case")
    options = parser.parse_args(given)
    cases: dict[str, Callable[[ModuleBench], Move]] = {
        "line": line,
        "box": lambda bench: roi(bench, "boxButton"),
        "cylinder": lambda bench: roi(bench, "cylinderButton"),
    }
    for name, prepare_case in cases.items():
        with module_bench() as bench:
            prepare(bench, options.sections)
            figures = measure(bench, prepare_case(bench), options.seconds)
        aim, load = f"[aim {AIM_PER_SECOND}]", psutil.getloadavg()[0]
        print(f"{name}, three volumes of {options.sections} × {SIDE}²: {figures}  {aim}  (load {load:.1f})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

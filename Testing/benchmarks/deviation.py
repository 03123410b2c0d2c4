"""How far the denoiser is from float32 over a whole series: each section against the eager network in float32.

python Testing/benchmarks/deviation.py --input FOLDER --all        # all sections of a DICOM series
python Testing/benchmarks/deviation.py --slices 3                  # simulated sections of 1024²
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import answer
from benchmarks.denoising_task import Task, add_options, noise_of, task_of, windows
from CTDenoiseLib.inference import Denoiser


def deviation(task: Task) -> dict[str, object]:
    """Go through the sections of a task; voxels that pass through unchanged do not count."""
    network = task.model.network.to(task.backend.device)
    voxels = squares = largest = 0.0
    where = task.sections[0]
    run = Denoiser(task.model, task.backend).sections(task.volume, order=task.sections)
    for section in run:
        one = replace(task, sections=(section.index,))
        exact = noise_of(network, one, windows(one))[0]
        changed = section.noise != 0
        difference = (section.noise - exact)[changed].astype(np.float64)
        voxels += difference.size
        squares += float(np.sum(difference**2))
        highest = float(np.abs(difference).max(initial=0.0))
        if highest > largest:
            largest, where = highest, section.index
    return {
        "deviation_rms_hu": float(np.sqrt(squares / max(1.0, voxels))),
        "deviation_max_hu": largest,
        "section_of_the_maximum": where + 1,
        "sections": len(task.sections),
        "share_of_voxels_that_count": voxels / (len(task.sections) * np.prod(task.volume.shape[1:])),
        "model": task.model.card.name,
        "matrix": list(task.volume.shape[1:]),
        "device_name": task.backend.device_name,
        "precision": task.backend.precision,
    }


def main(given: Sequence[str] | None = None) -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, slices=3)
    parser.add_argument("--all", action="store_true", help="all sections of the input rather than some")
    options = parser.parse_args(given)

    def figures() -> dict[str, object]:
        task = task_of(options)
        return deviation(replace(task, sections=tuple(range(task.volume.shape[0]))) if options.all else task)

    return answer(figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())

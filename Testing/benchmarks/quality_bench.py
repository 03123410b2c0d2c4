"""Lets methods denoise data sets and takes the figures; what is finished stays in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.quality_data import DataSet, Figures, Outputs
from benchmarks.quality_methods import STRENGTHS, Method, NonLocalMeans, Unchanged
from benchmarks.quality_pictures import draw_crops
from benchmarks.quality_table import Comparison
from CTDenoiseTrainLib.experiments.workbench import Workbench


def compare(bench: Workbench, data: DataSet, methods: Sequence[Method]) -> Comparison:
    """Let methods denoise a data set, take the figures, and draw the pictures.

    Args:
        bench: Keeps outputs and figures by data set and method.
        data: The data set.
        methods: Beside the input and non-local means, whose strength is chosen for the data set.
    """
    stages = _Stages(bench, data)
    others: tuple[Method, ...] = (*methods, _non_local_means(stages))
    outputs = {method.name: stages.outputs(method) for method in (Unchanged(), *others)}
    rows = {method.name: stages.figures(method, outputs[method.name]) for method in (Unchanged(), *others)}
    rows = {Unchanged.name: rows.pop(Unchanged.name), **data.references(), **rows}
    shown = {method.name: outputs[method.name] for method in others}
    return Comparison(
        data,
        rows,
        methods={method.name: method.words for method in others},
        pictures=draw_crops(bench.folder, data, shown),
    )


class _Stages:
    """What is kept of one data set."""

    def __init__(self, bench: Workbench, data: DataSet) -> None:
        self.bench, self.data = bench, data
        # Other sections, another simulation, or another noise that methods are told make other stages.
        content = hashlib.sha256()
        for image in data.images.values():
            content.update(np.ascontiguousarray(image.input))
            for noise in image.noise:
                content.update(np.ascontiguousarray(noise.power))
        self.name = f"{data.name}-{content.hexdigest()[:8]}"

    def outputs(self, method: Method) -> Outputs:
        """The sections that a method denoised, of each image."""

        def denoise() -> Outputs:
            return {name: image.denoised(method, self.bench.watcher.count) for name, image in self.data.images.items()}

        return self.bench.arrays(f"{self.name}-{method.key}", denoise)

    def figures(self, method: Method, outputs: Outputs) -> Figures:
        """The figures of a method; only those that take long are kept."""
        further = self.bench.figures(f"{self.name}-{method.key}-further", lambda: self.data.further_figures(method))
        return {**self.data.figures(outputs), **further}


def _non_local_means(stages: _Stages) -> NonLocalMeans:
    trial, images = stages.data.trial, stages.data.images

    def mean_of(method: NonLocalMeans) -> float:
        return float(
            np.mean(
                [trial.far_off(name, place, images[name].denoised_at(place, method)) for name, place in trial.places]
            )
        )

    def try_all() -> Mapping[str, Any]:
        return {f"{strength:g}": mean_of(NonLocalMeans(strength)) for strength in STRENGTHS}

    tried = stages.bench.figures(f"{stages.name}-strengths-of-non-local-means", try_all)
    return NonLocalMeans(float(min(tried, key=lambda strength: float(tried[strength]))), chosen_for=trial.words)

"""An experiment that takes a second: a network learns white noise, beside simulated arrays and a measured figure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from matplotlib.figure import Figure

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.measure.result_table import Column, ResultTable
from CTDenoiseLib.networks import DenoisingNetwork
from CTDenoiseTrainLib.experiments.experiment import ExperimentResult, Finding, Scale
from CTDenoiseTrainLib.experiments.trained import TrainingPlan, trained
from CTDenoiseTrainLib.experiments.workbench import Workbench
from CTDenoiseTrainLib.recipe.content import TrainingOptions

from .flat_pairs import FlatPairs
from .tiny_model import tiny_network

PROCESSOR = Backend("cpu", "fp32")


@dataclass(frozen=True)
class TinySettings:
    """Settings of the tiny experiment."""

    noise_hu: float = 30.0
    sizes: tuple[int, ...] = (4, 4)
    training: TrainingOptions = field(
        default_factory=lambda: TrainingOptions(epochs=3, batch=2, averaging=0.5, checkpoint_minutes=0)
    )
    steps_per_epoch: int = 3

    @property
    def plan(self) -> TrainingPlan:
        """How the network is trained."""
        return TrainingPlan(options=self.training, steps_per_epoch=self.steps_per_epoch)


@dataclass
class TinyExperiment:
    """An `Experiment`."""

    settings: TinySettings = field(default_factory=TinySettings)
    name: str = "tiny"
    title: str = "A tiny experiment"
    paper: str = "nobody"

    def configuration(self, scale: Scale) -> TinySettings:
        return self.settings if scale is Scale.QUICK else replace(self.settings, steps_per_epoch=1000)

    def run(self, bench: Workbench) -> ExperimentResult:
        settings = self.configuration(bench.scale)
        arrays = bench.arrays("noise", lambda: {"noise": np.full(settings.sizes, settings.noise_hu)})
        network = trained(bench, "network", start=start, batches=self.batches, plan=settings.plan, seed=5)
        figures = bench.figures("level", lambda: {"level": arrays["noise"].mean()})
        figure = Figure(figsize=(2, 2))
        figure.subplots().plot(network.losses)
        bench.save_figure("losses.png", figure)
        columns = (Column("what", "What"), Column("level", "Level", "mm"))
        return ExperimentResult(
            tables=(ResultTable("Levels", columns, (("noise", figures["level"]), ("nothing", float("nan")))),),
            findings=(Finding(statement="There is noise.", shown=True, evidence=f"{figures['level']:g} HU."),),
            figures={"losses.png": "How the loss fell."},
            notes=("Nothing was measured.",),
        )

    def batches(self) -> FlatPairs:
        """What the network learns from."""
        return FlatPairs(noise_hu=self.settings.noise_hu)


@dataclass
class ListeningWatcher:
    """A `Watcher` that remembers what it was told."""

    steps: list[str] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.steps.append(name)

    def count(self, done: int, total: int) -> None:
        self.counts.append((done, total))

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


def start() -> DenoisingNetwork:
    """A network with weights of the seed that is set."""
    import torch

    return tiny_network(width=2, levels=2, seed=int(torch.initial_seed()))


def open_bench(folder, *, experiment: TinyExperiment | None = None, scale: Scale = Scale.QUICK, **options) -> Workbench:
    """A workbench of the tiny experiment on the processor, in fp32."""
    defaults = {"backend": PROCESSOR, "watcher": ListeningWatcher()}
    return Workbench.open(folder, experiment or TinyExperiment(), scale, **defaults | options)

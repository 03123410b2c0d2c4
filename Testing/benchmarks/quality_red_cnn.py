"""RED-CNN (Chen et al., IEEE Trans Med Imaging 2017;36:2524) of `ldct-benchmark`, trained on the pairs of our U-Net."""

from __future__ import annotations

import statistics
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from benchmarks.quality_methods import Picture
from benchmarks.quality_noise import Noise
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import DenoisingNetwork
from CTDenoiseTrainLib.experiments.trained import Trained, TrainingPlan, trained
from CTDenoiseTrainLib.experiments.workbench import Workbench
from CTDenoiseTrainLib.material.chests import open_chests
from CTDenoiseTrainLib.material.make import make_material
from CTDenoiseTrainLib.material.sampler import PairSampler
from CTDenoiseTrainLib.pairs.batch import BatchSource
from CTDenoiseTrainLib.recipe.content import TrainingOptions
from CTDenoiseTrainLib.recipes.build import SEED
from CTDenoiseTrainLib.recipes.bundled import UNET
from CTDenoiseTrainLib.recipes.bundled_model import Stage
from CTDenoiseTrainLib.recipes.real_series import RealSeries
from CTDenoiseTrainLib.training.news import EpochNews, StepNews
from CTDenoiseTrainLib.training.trainer import Trainer
from CTDenoiseTrainLib.validation.predict import SectionPredictor

STAGE = "red-cnn"
_FINISHED = f"{STAGE}-finished"
PACKAGE = "ldctbench"
# How `ldct-benchmark` scales (“meanstd” in ldctbench/data/info.yml): mean and deviation of HU + 1024.
SCALE_HU = 502.185
OFFSET_HU = 481.454 - 1024.0
# Five convolutions of 5², without padding, and five transposed ones: of 21 pixels one is left in the middle.
_RADIUS, _LEAST_SIDE = 20, 32
_STEPS_FOR_PACE = 4
_EPOCHS = 20
# As its authors began with; at ten times as much, the rate of "unet", it came to return its input.
_HIGHEST_RATE = 1e-4


class PredictsImage(DenoisingNetwork):
    """A network that predicts the image of one section, seen as one that predicts its noise.

    Args:
        image: From the scaled section to the scaled image, both of shape (n, 1, y, x).
        offset: What is subtracted from the section beforehand, in the scale of the network.
        receptive_radius: See `DenoisingNetwork`.
        stride: Likewise; no less than the smallest side that the network takes.
    """

    name = "predicts-image"

    def __init__(self, image: nn.Module, *, offset: float, receptive_radius: int, stride: int = 1) -> None:
        super().__init__()
        self.configuration = {}
        self.context = 0
        self.stride = stride
        self.receptive_radius = receptive_radius
        self.image = image
        self._offset = offset

    def forward(self, sections: Tensor) -> Tensor:
        """Predict the scaled noise, shape (n, 1, y, x)."""
        centred = sections - self._offset
        noise: Tensor = centred - self.image(centred)
        return noise


def red_cnn() -> DenoisingNetwork:
    """The network of the package with random weights."""
    from ldctbench.methods.redcnn.network import Model  # type: ignore[import-not-found, unused-ignore]

    image = Model(Namespace())
    # Its last layer adds the section to what it has found: in half precision that would round to whole steps of HU.
    image.tconv5.register_forward_hook(_in_float32)
    return PredictsImage(image, offset=OFFSET_HU / SCALE_HU, receptive_radius=_RADIUS, stride=_LEAST_SIDE)


def _in_float32(layer: nn.Module, given: tuple[Tensor, ...], found: Tensor) -> Tensor:
    return found.float()


def is_there() -> bool:
    """Whether the package is installed."""
    return find_spec(PACKAGE) is not None


class RedCnn:
    """The trained network as a method.

    Args:
        network: As trained.
        device: Where it runs; in float32, since half precision is made for networks that do not add their input.
    """

    name, context = "RED-CNN", 0

    def __init__(self, network: Trained, device: str) -> None:
        self.key = f"{STAGE}-{network.sha256[:12]}"
        self.words = (
            f"`ldct-benchmark`'s network, {network.steps} steps in {network.seconds:.0f} s on the pairs of “unet”; "
            f"sees one section; fp32."
        )
        self._predictor = SectionPredictor(network.network, Backend.choose(device, "fp32"), scale_hu=SCALE_HU)

    def denoise(self, window: Picture, noise: Noise) -> Picture:
        """Input − noise."""
        return np.asarray(window[0] - self._predictor.noise(window[None])[0])


@dataclass(frozen=True)
class Pace:
    """How many steps fit.

    Attributes:
        seconds_a_step: Median, on this machine.
        epochs: Of the training.
        steps_per_epoch: Of the training.
    """

    seconds_a_step: float
    epochs: int
    steps_per_epoch: int

    @classmethod
    def to_fit(cls, seconds_a_step: float, seconds: float) -> Pace:
        """As many steps as fit into some seconds, one at least."""
        steps = max(1, int(seconds / seconds_a_step))
        epochs = min(_EPOCHS, steps)
        return cls(seconds_a_step, epochs, steps // epochs)


def is_trained(bench: Workbench) -> bool:
    """Whether a training was finished in this folder."""
    return bench.stage_file(_FINISHED, ".json").exists()


def trained_red_cnn(bench: Workbench, *, seconds: Callable[[], float], chests: Path, series: Path) -> Trained:
    """The network, trained on the pairs of “unet”, in its order, for as long as that was.

    Found again where the training was finished; one that was cut off goes on. How many steps there are is settled by
    the pace at its beginning.

    Args:
        bench: Keeps the training.
        seconds: Of training; asked when it begins.
        chests: Folder of the chest volumes.
        series: Folder of the NLST series, which gives noise as it does for “unet”.
    """
    (stage,) = UNET.stages
    source = _Once(lambda: pairs_of_unet(stage, chests, series))
    options = replace(stage.training, highest_rate=_HIGHEST_RATE)

    def pace() -> dict[str, object]:
        a_step = seconds_a_step(red_cnn(), source(), options, bench.backend)
        return asdict(Pace.to_fit(a_step, seconds()))

    found = Pace(**bench.figures(f"{STAGE}-pace", pace))
    plan = TrainingPlan(
        options=replace(options, epochs=found.epochs), steps_per_epoch=found.steps_per_epoch, scale_hu=SCALE_HU
    )
    network = trained(bench, STAGE, start=red_cnn, batches=source, plan=plan, seed=SEED)
    bench.figures(_FINISHED, lambda: {"steps": network.steps, "seconds": network.seconds, "sha256": network.sha256})
    return network


def pairs_of_unet(stage: Stage, chests: Path, series: Path) -> BatchSource:
    """The pairs that `recipes.build` trains “unet” on, with its seeds."""
    noise = RealSeries.read(series).noise_map()
    material = make_material(open_chests(chests), [noise], size=stage.size, seed=SEED, on_progress=print)
    return PairSampler(material, stage.pairs, seed=SEED + 1)


def seconds_a_step(
    network: DenoisingNetwork, batches: BatchSource, options: TrainingOptions, backend: Backend
) -> float:
    """Median time of a few steps of training, the first left out."""
    watch = _StopWatch()
    Trainer(
        network,
        batches,
        replace(options, epochs=1),
        steps_per_epoch=_STEPS_FOR_PACE + 1,
        scale_hu=SCALE_HU,
        backend=backend,
        observer=watch,
    ).run()
    return statistics.median(after - before for before, after in pairwise(watch.times[1:]))


class _Once:
    """Makes the pairs when they are first asked for."""

    def __init__(self, make: Callable[[], BatchSource]) -> None:
        self._make = make
        self._made: BatchSource | None = None

    def __call__(self) -> BatchSource:
        if self._made is None:
            self._made = self._make()
        return self._made


class _StopWatch:
    """Takes the time before each step."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def check(self) -> None:
        """A step begins."""
        self.times.append(time.monotonic())

    def on_step(self, news: StepNews) -> None:
        """Say nothing."""

    def on_epoch(self, news: EpochNews) -> None:
        """Say nothing."""

    def on_note(self, sentence: str) -> None:
        """Say nothing."""

"""The messages of training, beside those of `CTDenoiseLib.worker.messages`. Needs no torch.

All files lie in the run folder that the request names. Volumes for the views are `.npy` files of float32 HU in C order,
shape (z, y, x); the worker replaces the whole file, so that a reader sees the old or the new one.
"""

from __future__ import annotations

from dataclasses import dataclass

from CTDenoiseLib.worker.message_base import JobDone, JobInstruction, JobNews, JobRequest
from CTDenoiseLib.worker.messages import register

# To the worker.


@dataclass(frozen=True, kw_only=True)
class LookAtData(JobRequest):
    """Asks for a look at noise maps, pairs and patches before training; answered by `DataSeen`.

    Attributes:
        recipe: File of the recipe.
        folder: Empty folder for the volumes.
        patches: How many to draw.
    """

    recipe: str
    folder: str
    patches: int = 64


@dataclass(frozen=True, kw_only=True)
class Train(JobRequest):
    """Asks to train; answered by `StepDone`, `EpochDone` and `PreviewReady` again and again, and `Trained`.

    Attributes:
        run: The run folder, which holds the recipe.
        resume: Whether to go on from its last checkpoint; else the run must not have begun.
    """

    run: str
    resume: bool = False


@dataclass(frozen=True)
class Pause(JobInstruction):
    """Training is to wait after the step at work, with a checkpoint written; answered by `Paused`."""


@dataclass(frozen=True)
class Continue(JobInstruction):
    """Training is to go on after a pause."""


@dataclass(frozen=True)
class Stop(JobInstruction):
    """Training is to write a checkpoint and end; answered by `Trained`, before the first step by `JobCancelled`."""


@dataclass(frozen=True, kw_only=True)
class KeepModel(JobRequest):
    """Asks to put the best weights of a run into the user's store; answered by `Kept`.

    Attributes:
        run: The run folder.
        name: Of the model.
        title: Of the model.
        overwrite: Whether one of the user's models of that name may be replaced.
    """

    run: str
    name: str
    title: str
    overwrite: bool = False


# From the worker.


@dataclass(frozen=True, kw_only=True)
class SeenVolume:
    """A volume to look at.

    Attributes:
        file: `.npy`.
        role: "input", "target" or "noise".
        title: For its node, such as “Noise map, patient A”.
        spacing: (z, y, x) in mm.
        origin: LPS of the first voxel (x, y, z) in mm, where the volume lies on its source; else zeros.
        direction: LPS unit vectors of the z, y and x index, as in `CTDenoiseLib.volume.Geometry`.
    """

    file: str
    role: str
    title: str
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    direction: tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True, kw_only=True)
class DataSeen(JobDone):
    """What there is to train with.

    Attributes:
        volumes: A case as volumes: what the network sees, the target and the noise of its sections.
        patches: The same for patches, one patch a section: noisy input, target, noise.
        facts: Names and values for a table, such as ("Leakage of anatomy", "0.03, none").
        warnings: Sentences.
        training_sections: Sections that give patches.
        validation_sections: Sections held out.
        split: How they were parted, in a sentence.
    """

    volumes: tuple[SeenVolume, ...]
    patches: tuple[SeenVolume, ...]
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    training_sections: int
    validation_sections: int
    split: str


@dataclass(frozen=True)
class StepDone(JobNews):
    """How far training is; see `training.news.StepNews`."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    rate: float
    samples_per_second: float
    data_share: float
    seconds_remaining: float


@dataclass(frozen=True)
class EpochDone(JobNews):
    """An epoch is over and validated; see `training.news`. All epochs of a resumed run are told again at its start."""

    epoch: int
    loss: float | None
    validation_loss: float | None
    rmse: float | None
    psnr: float | None
    ssim: float | None
    noise_reduction: float | None
    residual_index: float | None
    best: bool
    seconds: float


@dataclass(frozen=True)
class PreviewReady(JobNews):
    """Whole validation sections as the network makes them now.

    Attributes:
        input: File of the noisy sections.
        now: File of the output.
        target: File of what they should become; `None` where nobody knows.
        spacing: (z, y, x) in mm.
        epoch: Whose network it is.
    """

    input: str
    now: str
    target: str | None
    spacing: tuple[float, float, float]
    epoch: int


@dataclass(frozen=True)
class Paused(JobNews):
    """Training waits."""


@dataclass(frozen=True, kw_only=True)
class Trained(JobDone):
    """Training has ended, by itself or by `Stop`.

    Attributes:
        epochs: Epochs done.
        best_epoch: Which gave the weights that can be kept; 0 if none was better than the start.
        complete: Whether nothing is left to do.
        reason: Why it ended, in a sentence.
        seconds: In all runs together.
        table: Figures before and after on sections the network never saw: (name, before, after), as texts.
    """

    epochs: int
    best_epoch: int
    complete: bool
    reason: str
    seconds: float
    table: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Kept(JobDone):
    """The model is in the store.

    Attributes:
        name: Of the model.
        folder: Where its files lie.
    """

    name: str
    folder: str


register(
    *(LookAtData, Train, Pause, Continue, Stop, KeepModel),
    *(DataSeen, StepDone, EpochDone, PreviewReady, Paused, Trained, Kept),
)

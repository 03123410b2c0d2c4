"""A recipe: everything that decides how a model is trained. Its defaults are those of Madhavan et al. (2024)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Source = Literal[
    "noise-maps", "dose-pairs", "kernel-pairs", "resolution-pairs", "repeats", "self-supervised", "averages"
]
NoiseMethod = Literal["reconstructions", "adjacent-sections", "repeated-scans"]
Layers = Literal["all", "decoder", "last-block"]


@dataclass(frozen=True, kw_only=True)
class SeriesFile:
    """Where a series lies.

    Attributes:
        path: Folder with DICOM files, or a volume file. Relative paths start from the folder of the recipe.
        series: Which series, if the folder holds several: UID, kernel or number, as for `ctdenoise run --series`.
    """

    path: str
    series: str | None = None


@dataclass(frozen=True, kw_only=True)
class CaseFiles:
    """Series of one patient or phantom that lie in the same place. Which are needed depends on the source of pairs.

    Attributes:
        patient: A label of the recipe's author, never a name. Cases of one patient are never parted by the split.
        noisy: Filtered back-projection; low dose; sharp kernel; low resolution; or the only series there is.
        clean: Full dose; smooth kernel; or high resolution.
        iterative: Iterative reconstruction of the same scan with the same kernel and sections as `noisy`.
        repeats: Scans or label-control differences of the same object, with independent noise. For noise maps they may
            be scans of a phantom, the same for several patients, whose other series give the anatomy.
    """

    patient: str
    noisy: SeriesFile | None = None
    clean: SeriesFile | None = None
    iterative: SeriesFile | None = None
    repeats: tuple[SeriesFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Which images give the pairs, and how.

    Attributes:
        source: How pairs come about.
        cases: The images.
        method: How noise maps are made; of "noise-maps" only.
        target_sections: Adjacent sections that are averaged to a target; of "noise-maps" only. Two make 0.4/0.2 mm from
            0.2/0.2 mm.
        sections_apart: Distance of subtracted sections whose noise must be independent; of "adjacent-sections" and
            "self-supervised".
        averaged: Repeats that are averaged to an input, of "averages" only.
        anatomy_in_noise: What to do when anatomy hides in a noise map: refuse, or go on with a warning.
        validation_share: Share of patients, or of sections where there is only one patient, held out for validation.
        memory_gb: Memory for images; what goes beyond lies in memory-mapped files.
        description: What the images are, for the model card.
        licence: Under which licence or permission they are used, for the model card.
    """

    source: Source
    cases: tuple[CaseFiles, ...]
    method: NoiseMethod = "reconstructions"
    target_sections: int = 2
    sections_apart: int = 3
    averaged: int = 1
    anatomy_in_noise: Literal["refuse", "warn"] = "refuse"
    validation_share: float = 0.1
    memory_gb: float = 4.0
    description: str = ""
    licence: str = ""


@dataclass(frozen=True, kw_only=True)
class PatchOptions:
    """How patches are drawn.

    Attributes:
        side: Rows and columns of a patch. In patches of 64² a network of six levels sees many borders; where pairs
            differ by more than noise, as those of kernels do, 128² in batches of 4 cost the same and keep the HU of
            whole sections closer.
        patches_per_epoch: How many make an epoch; a multiple of the batch.
        shift_pixels: Noise maps are moved against the anatomy by up to so many pixels along rows and columns, all
            sections of a window alike.
        noise_scale: Range of the factor that noise is multiplied by, drawn uniformly.
        flips: Whether anatomy and noise are flipped at random, each for itself where they are apart.
        rotations: Whether they are turned by quarter turns, likewise.
        soft_tissue: Share of patches around soft tissue.
        bone: Share around bone and contrast medium.
        edges: Share around edges of the anatomy. The three add up to 1.
    """

    side: int = 64
    patches_per_epoch: int = 1600
    shift_pixels: int = 15
    noise_scale: tuple[float, float] = (0.5, 1.5)
    flips: bool = True
    rotations: bool = True
    soft_tissue: float = 0.4
    bone: float = 0.3
    edges: float = 0.3


@dataclass(frozen=True, kw_only=True)
class FeatureLoss:
    """Loss on features of VGG16, added to the squared error (Huber et al. 2020). Off while the weight is 0.

    Attributes:
        weight: Of the feature loss beside the squared error.
        weights_file: The VGG16 weights, safetensors with the names of torchvision (“features.0.weight” ...).
        sha256: Of that file.
    """

    weight: float = 0.0
    weights_file: str = ""
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How the network is trained.

    Attributes:
        epochs: At most so many.
        batch: Patches a step, over all processes together.
        highest_rate: Learning rate after the warm-up.
        lowest_rate: Learning rate at the end, reached along a cosine.
        warm_up_steps: Steps over which the learning rate rises.
        gradient_norm: Gradients are clipped to this norm.
        averaging: Decay of the exponential moving average of the weights, which is what is validated and kept.
        level_offset_hu: If given, the squared error of a pair is divided by the sum of its noise variance and the
            square of this, so that quiet pairs count beside noisy ones; `None` for the plain squared error.
        feature_loss: See `FeatureLoss`.
        patience: Epochs without a better validation after which training ends; 0 for never.
        validation_sections: Whole sections that are validated on after each epoch, spread over the validation part.
        checkpoint_minutes: A checkpoint is written after each epoch, and when so much time has passed.
        device: "auto", "cuda:N", "mps" or "cpu".
        precision: "auto", "fp32", "bf16" or "fp16".
    """

    epochs: int = 200
    batch: int = 16
    highest_rate: float = 1e-3
    lowest_rate: float = 1e-5
    warm_up_steps: int = 100
    gradient_norm: float = 1.0
    averaging: float = 0.999
    level_offset_hu: float | None = None
    feature_loss: FeatureLoss = field(default_factory=FeatureLoss)
    patience: int = 30
    validation_sections: int = 8
    checkpoint_minutes: float = 0.5
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """The network that is trained from the start.

    Attributes:
        name: As `CTDenoiseLib.networks` knows it: "hrcnn", "unet", "plain-cnn".
        configuration: Its keyword arguments.
        scale_hu: HU that make 1 in the network.
    """

    name: str = "hrcnn"
    configuration: Mapping[str, Any] = field(default_factory=lambda: {"context": 3, "width": 32, "levels": 6})
    scale_hu: float = 100.0


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    """Training goes on from a model of the store, with the network of that model.

    Attributes:
        model: Its name.
        layers: Which layers learn.
        share: Share of the training sections that is used, 0.05 to 1; Zhang et al. (2024) found 0.2 to be enough.
    """

    model: str
    layers: Layers = "all"
    share: float = 0.2


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A recipe.

    Attributes:
        name: Of the model to be: lower-case letters, digits, single hyphens.
        title: Of the model, a line for menus.
        licence: Of the model.
        seed: The same recipe with the same seed gives the same numbers on the same machine.
        data: See `DataOptions`.
        patches: See `PatchOptions`.
        training: See `TrainingOptions`.
        network: See `NetworkOptions`; not used in fine-tuning.
        fine_tuning: Present if the recipe fine-tunes a model.
    """

    name: str
    title: str = ""
    licence: str = "not licensed; for use at this site"
    seed: int = 0
    data: DataOptions
    patches: PatchOptions = field(default_factory=PatchOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    network: NetworkOptions = field(default_factory=NetworkOptions)
    fine_tuning: FineTuning | None = None

"""The model card: what a model is, what it was made for, how it was made, and which weights belong to it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from .card_schema import first_fault
from .errors import DamagedModelError

SCHEMA_VERSION = 1
Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class NetworkDescription:
    """Name of a network and the keyword arguments that build it."""

    name: str
    configuration: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Network input = (HU - offset_hu) / scale_hu; noise in HU = network output · scale_hu."""

    offset_hu: float
    scale_hu: float


@dataclass(frozen=True, kw_only=True)
class MadeFor:
    """Images the model was made for.

    Attributes:
        modality: DICOM modality.
        kernels: Convolution kernels; empty when the model is not bound to any.
        pixel_spacing_mm: Smallest and largest pixel side in mm.
        section_thickness_mm: Smallest and largest section thickness in mm.
        noise_hu: Lowest and highest standard deviation in uniform soft tissue, in HU.
    """

    modality: str
    kernels: tuple[str, ...]
    pixel_spacing_mm: Range
    section_thickness_mm: Range
    noise_hu: Range


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """One data set, where it comes from, its licence, and what it was used for."""

    name: str
    source: str
    licence: str
    use: str


@dataclass(frozen=True, kw_only=True)
class ParentModel:
    """The model that another one was fine-tuned from; its hash says which, whatever names were given later."""

    name: str
    version: str
    weights_sha256: str

    @classmethod
    def of(cls, card: ModelCard) -> ParentModel:
        """The model of a card as a parent."""
        return cls(name=card.name, version=card.version, weights_sha256=card.weights.sha256)

    def __str__(self) -> str:
        return f"{self.name} {self.version} (SHA256 {self.weights_sha256[:16]}…)"


@dataclass(frozen=True, kw_only=True)
class Training:
    """How the model was made.

    Attributes:
        data: Data sets used.
        recipe: Whatever the training script records of its settings.
        script: The script, relative to the repository, that makes the model again.
        duration_s: Time it took, in seconds.
        steps: Number of optimiser steps.
        hardware: What it ran on.
        parent: The model that it was fine-tuned from, if any.
    """

    data: tuple[TrainingData, ...]
    recipe: Mapping[str, Any]
    script: str
    duration_s: float
    steps: int
    hardware: str
    parent: ParentModel | None = None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One measured figure.

    Attributes:
        name: What was measured.
        value: The figure.
        unit: Its unit, empty for pure numbers.
        data: The images it was measured on.
        window_hu: HU range the values were clipped to before, if any.
        data_range_hu: Span in HU that PSNR or SSIM was computed with, if any.
        note: What a reader must know to compare it.
    """

    name: str
    value: float
    unit: str
    data: str
    window_hu: Range | None = None
    data_range_hu: float | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The weights file beside the card.

    Attributes:
        file: Its name, always the model's name with the suffix `.safetensors`.
        sha256: Of its bytes, 64 lower-case hexadecimal digits.
        dtype: Of the kernels in the file; biases and running statistics are float32 in any case.
        parameters: Number of trained values.
    """

    file: str
    sha256: str
    dtype: Literal["float16", "float32"]
    parameters: int


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """Everything there is to know about a model short of its weights. Its JSON form is defined by `card.schema.json`.

    Attributes:
        name: Lower-case letters, digits and single hyphens; also the name of its files.
        version: Of the model.
        title: A line for menus.
        description: A few sentences for those who choose a model.
        licence: SPDX expression or name of the licence.
        network: The network and its configuration.
        context: Adjacent sections on each side of the one denoised.
        scaling: From HU to network values and back.
        hu_range: Lowest and highest HU value seen in training; values outside pass through unchanged.
        made_for: Images it was made for.
        training: How it was made.
        metrics: Measured figures.
        limitations: One sentence each.
        weights: The weights file.
        research_use_only: Always true.
    """

    name: str
    version: str
    title: str
    description: str
    licence: str
    network: NetworkDescription
    context: int
    scaling: Scaling
    hu_range: Range
    made_for: MadeFor
    training: Training
    metrics: tuple[Metric, ...]
    limitations: tuple[str, ...]
    weights: Weights
    research_use_only: Literal[True] = True

    @classmethod
    def read(cls, path: Path) -> ModelCard:
        """Read a card from its file.

        Raises:
            DamagedModelError: The file is missing or unreadable, or not a valid card.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise DamagedModelError(f"There is no model card “{path}”.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise DamagedModelError(f"The model card “{path}” cannot be read: {error}.") from error
        return cls.from_json(text, source=f"“{path}”")

    @classmethod
    def from_json(cls, text: str, *, source: str = "given") -> ModelCard:
        """Make a card from its JSON form.

        Args:
            text: JSON.
            source: How errors call the card, such as its quoted path.

        Raises:
            DamagedModelError: Not JSON, or not a valid card.
        """
        try:
            content = json.loads(text, parse_float=_finite, parse_int=_whole, parse_constant=_finite)
            # Half of a surrogate pair is valid JSON but can be neither shown nor written.
            json.dumps(content, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise DamagedModelError(f"The model card {source} is not readable JSON: {error}.") from error
        version = content.get("schema_version") if isinstance(content, dict) else None
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise DamagedModelError(
                f"The model card {source} was written for a newer CTDenoise (card version {version}, this one reads "
                f"{SCHEMA_VERSION}); update CTDenoise to use this model."
            )
        fault = first_fault(content)
        if fault is not None:
            raise DamagedModelError(f"The model card {source} is not valid: {fault}.")
        return _card_of(content)

    def to_json(self) -> str:
        """The JSON form, ending in a line break.

        Raises:
            DamagedModelError: The values do not make a valid card.
        """
        content = {"schema_version": SCHEMA_VERSION} | asdict(self)
        if self.training.parent is None:
            # So that older versions of CTDenoise, which know of no parents, can still read the card.
            del content["training"]["parent"]
        try:
            text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        except TypeError as error:
            raise DamagedModelError(f"The model card of “{self.name}” cannot be written: {error}.") from error
        ModelCard.from_json(text, source=f"of “{self.name}”")
        return text


def _finite(text: str) -> float:
    """A number of JSON text. JSON knows neither infinity nor NaN, yet 1e999 and Python's own dialect give them."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is not a finite number")
    return value


def _whole(text: str) -> int:
    """A whole number of JSON text that fits a float."""
    _finite(text)
    return int(text)


def _card_of(content: Mapping[str, Any]) -> ModelCard:
    """The card that valid content describes."""
    made_for: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in content["made_for"].items()
    }
    parts = {
        "network": NetworkDescription(**content["network"]),
        "scaling": Scaling(**content["scaling"]),
        "hu_range": tuple(content["hu_range"]),
        "made_for": MadeFor(**made_for),
        "training": _training_of(content["training"]),
        "metrics": tuple(_metric_of(metric) for metric in content["metrics"]),
        "limitations": tuple(content["limitations"]),
        "weights": Weights(**content["weights"]),
    }
    plain = {key: value for key, value in content.items() if key != "schema_version"}
    return ModelCard(**(plain | parts))


def _training_of(content: Mapping[str, Any]) -> Training:
    data = tuple(TrainingData(**data) for data in content["data"])
    parent = content.get("parent")
    return Training(**{**content, "data": data, "parent": None if parent is None else ParentModel(**parent)})


def _metric_of(content: Mapping[str, Any]) -> Metric:
    window = content["window_hu"]
    return Metric(**{**content, "window_hu": None if window is None else tuple(window)})

"""Train `hrcnn-small`, the first bundled model: an HR-CNN of half width, in about an hour on two CPU cores.

    python -m CTDenoiseTrainLib.recipes.hrcnn_small FOLDER --series NLST

Anatomy comes from two openly licensed chest volumes (fetched as `ctdenoise sample lung` does), averaged down until they
are sharp for each pixel, and from procedural vessels, bones and organs. Noise comes from simulated pure-noise
reconstructions of body-shaped attenuation and, when `--series` names a folder with the NLST chest series, from
subtracting sections of its first seventy (by instance number, the upper chest) from each other. The others are what the
card's figures are taken on.

Training has two stages. The second, shorter one adds bar patterns and quieter noise: after the first, fine bars of a
resolution phantom went with the noise.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.models import MadeFor, Metric, ModelCard, ModelStore, Scaling, Training, TrainingData
from CTDenoiseLib.models.save import save_model
from CTDenoiseLib.networks import DenoisingNetwork, create
from CTDenoiseLib.samples import fetch
from CTDenoiseLib.volume import Volume
from CTDenoiseLib.volume_files import read_volume

from ..evaluation import evaluate
from ..material.make import MaterialSize, make_material
from ..material.sampler import HIGHEST_HU, PairOptions, PairSampler
from ..noise.adjacent_sections import adjacent_section_noise
from ..noise.noise_map import NoiseMap
from ..recipe.content import TrainingOptions
from ..retention import Vessel, VesselSite, retention_metrics
from ..training.news import EpochNews, StepNews
from ..training.trainer import Trainer

NAME, VERSION = "hrcnn-small", "0.1.0"
CONFIGURATION = {"context": 3, "width": 32, "levels": 6}
SEED = 0
SCALE_HU = 100.0
NOISE_SECTIONS = 70
# Half of the pairs are not clipped at -1024 HU, so that the network saw the noise of air below; padding lies lower.
NOISY_AIR_HU = -1200.0
SERIES_UID = "1.2.840.113654.2.55.214483182570512319377495527619089952642"


LIVER = VesselSite(
    section=12,
    centres=tuple((row, column) for row in range(216, 272, 14) for column in range(86, 142, 14)),
    words=f"liver of NLST chest series {SERIES_UID}, instance 131, noise about 50 HU",
)
VESSELS = tuple(Vessel(diameter, contrast) for diameter in (2, 4) for contrast in (100, 300))


@dataclass(frozen=True)
class Stage:
    """One part of the training, with material of its own.

    Attributes:
        size: How much material is made.
        pairs: How pairs are drawn.
        training: How the network is trained on them.
        steps_per_epoch: Steps between two lines of news.
    """

    size: MaterialSize
    pairs: PairOptions
    training: TrainingOptions
    steps_per_epoch: int = 100

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.training.epochs * self.steps_per_epoch


STAGES = (
    Stage(MaterialSize(), PairOptions(), TrainingOptions(epochs=90, batch=8, warm_up_steps=200, level_offset_hu=15.0)),
    Stage(
        MaterialSize(bar_patterns=12),
        PairOptions(noise_hu=(3.0, 150.0)),
        TrainingOptions(epochs=30, batch=8, highest_rate=3e-4, level_offset_hu=6.0),
    ),
)


@dataclass(frozen=True)
class RealSeries:
    """The real series, split by instance number: noise from the first sections, figures from the others.

    Attributes:
        volume: All sections.
        for_noise: Indices along z that may give noise.
        for_figures: Indices along z that are only looked at.
        description: The series and its sections that the figures are taken on, in words.
        liver: Where vessels can be drawn, if there is such a place.
    """

    volume: Volume
    for_noise: tuple[int, ...]
    for_figures: tuple[int, ...]
    description: str
    liver: VesselSite | None = None

    @classmethod
    def read(cls, folder: Path) -> RealSeries:
        """Read the NLST series from a folder."""
        series = choose_series(find_series(folder), SERIES_UID)
        by_instance = sorted(range(len(series.slices)), key=lambda index: series.slices[index].instance_number or 0)
        context = CONFIGURATION["context"]
        return cls(
            volume=read_series(series),
            for_noise=tuple(sorted(by_instance[:NOISE_SECTIONS])),
            # Sections whose context window reaches into those that gave noise are not looked at either.
            for_figures=tuple(sorted(by_instance[NOISE_SECTIONS + context :])),
            description=f"NLST chest series {SERIES_UID}, instances {NOISE_SECTIONS + context + 1} and up",
            liver=LIVER,
        )

    def noise_map(self) -> NoiseMap:
        """Noise of the sections that may give it."""
        return adjacent_section_noise(np.ascontiguousarray(self.volume.hu[list(self.for_noise)]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetch and read the data, then build the model."""
    options = _parse(arguments)
    real = RealSeries.read(options.series) if options.series else None
    build(options.models, _chests(options.work), real)


def build(
    models: Path, chests: Sequence[np.ndarray], real: RealSeries | None, *, stages: Sequence[Stage] = STAGES
) -> ModelCard:
    """Train, save, evaluate, and save again with the figures.

    Args:
        models: Folder for the model; an older one of its name is replaced.
        chests: Chest volumes in HU, each (z, y, x).
        real: The real series, if it is at hand.
        stages: The parts of the training, one after the other on the same network.
    """
    started = time.monotonic()
    measured_noise = [real.noise_map()] if real else []
    torch.manual_seed(SEED)
    network = create("hrcnn", CONFIGURATION)
    for index, stage in enumerate(stages):
        seed = SEED + 5000 * index
        material = make_material(chests, measured_noise, size=stage.size, seed=seed, on_progress=print)
        network = (
            Trainer(
                network,
                PairSampler(material, stage.pairs, seed=seed + 1),
                stage.training,
                steps_per_epoch=stage.steps_per_epoch,
                scale_hu=SCALE_HU,
                backend=Backend.choose("cpu"),
                observer=_Printer(),
            )
            .run()
            .network
        )
    record = _training_record(stages, real=real is not None, seconds=time.monotonic() - started)
    card = _save(network, models, stages, record, metrics=())
    if real is None:
        return card
    return _save(network, models, stages, record, metrics=_measure(models, card, real))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, help="folder for the model and its card")
    parser.add_argument("--series", type=Path, help="folder with the NLST series; without it no real noise is used")
    parser.add_argument("--work", type=Path, default=Path("build/lung"), help="where the chest volumes are kept")
    return parser.parse_args(arguments)


def _chests(folder: Path) -> list[np.ndarray]:
    if not folder.exists():
        fetch("lung", folder)
    return [read_volume(path).hu for path in sorted(folder.rglob("lung*_image.nrrd"))]


class _Printer:
    """Prints a line for each epoch."""

    def check(self) -> None:
        """Go on in any case."""

    def on_step(self, news: StepNews) -> None:
        """Say nothing."""

    def on_epoch(self, news: EpochNews) -> None:
        """Print the loss, relative to the noise."""
        if news.loss is not None:
            print(f"epoch {news.epoch}  loss {news.loss:.4f}  {news.seconds:.0f} s", flush=True)

    def on_note(self, sentence: str) -> None:
        """Print what is to be known."""
        print(sentence, flush=True)


def _measure(models: Path, card: ModelCard, real: RealSeries) -> tuple[Metric, ...]:
    model = ModelStore(bundled_folder=None, user_folder=models).load(card.name)
    backend = Backend.choose("cpu", "fp32")
    metrics = evaluate(model, real.volume, sections=real.for_figures, backend=backend).metrics(real.description)
    if real.liver is not None:
        metrics += retention_metrics(model, real.volume, real.liver, VESSELS, backend=backend)
    for metric in metrics:
        print(f"{metric.name}: {metric.value:g} {metric.unit}")
    return metrics


def _training_record(stages: Sequence[Stage], *, real: bool, seconds: float) -> Training:
    data = [
        TrainingData(
            name="PyRadiomics sample volumes lung1 and lung2",
            source="package pyradiomics==3.0.1 on PyPI",
            licence="BSD-3-Clause",
            use="anatomy, averaged down 1.6 to 3 times; body shapes for simulated noise",
        ),
        TrainingData(
            name="procedural vessels, bones and organs",
            source="CTDenoiseTrainLib.simulate.anatomy",
            licence="Apache-2.0",
            use="anatomy",
        ),
        TrainingData(
            name="pure-noise reconstructions",
            source="CTDenoiseTrainLib.simulate.noise_reconstruction",
            licence="Apache-2.0",
            use="noise",
        ),
    ]
    if real:
        data.append(
            TrainingData(
                name=f"NLST chest series {SERIES_UID}, instances 1 to {NOISE_SECTIONS}",
                source="National Lung Screening Trial, doi 10.7937/TCIA.HMQ8-J677",
                licence="CC BY 4.0",
                use="noise, by subtracting sections three apart where both are flat",
            )
        )
    return Training(
        data=tuple(data),
        recipe={"seed": SEED, "stages": [asdict(stage) for stage in stages]},
        script="CTDenoiseTrain/CTDenoiseTrainLib/recipes/hrcnn_small.py",
        duration_s=round(seconds),
        steps=sum(stage.steps for stage in stages),
        hardware=f"{os.cpu_count()} CPU cores, {platform.machine()}, PyTorch {torch.__version__}",
    )


def _save(
    network: DenoisingNetwork, folder: Path, stages: Sequence[Stage], record: Training, metrics: tuple[Metric, ...]
) -> ModelCard:
    return save_model(
        folder,
        network,
        name=NAME,
        version=VERSION,
        title="HR-CNN, half width, sharp kernels",
        description=(
            "A high-resolution CNN (Madhavan et al. 2024) of half width for sharp, noisy CT on CPUs. It predicts the "
            "noise of a section from seven adjacent ones."
        ),
        licence="Apache-2.0",
        scaling=Scaling(offset_hu=0.0, scale_hu=SCALE_HU),
        hu_range=(NOISY_AIR_HU, HIGHEST_HU),
        made_for=MadeFor(
            modality="CT",
            kernels=(),
            pixel_spacing_mm=(0.4, 1.0),
            section_thickness_mm=(0.5, 3.0),
            noise_hu=stages[-1].pairs.noise_hu,
        ),
        training=record,
        metrics=metrics,
        limitations=(
            "Trained on chest anatomy and drawn shapes only, and measured on one patient; other regions are untested.",
            "The patient whose lower chest gave the figures gave noise of the upper chest for training.",
            "Simulated noise is that of a parallel-beam scan without scatter or motion; metal was never seen.",
            "Fine structure of little more contrast than the noise goes with it; the figures on vessels say how much.",
            "Bars of low contrast can be taken for noise: those of the GE phantom, about 100 HU from bar to gap on 5.7 "
            "HU of noise in a single section, kept a third of their modulation; the strong bars of the CatPhan stayed.",
            "Soft tissue becomes very smooth at full strength; where a natural texture is wanted, lower the strength.",
            "Blind to lesions: whether a finding survives was not tested with readers.",
        ),
        weights_dtype="float16",
        overwrite=True,
    )


if __name__ == "__main__":
    main()

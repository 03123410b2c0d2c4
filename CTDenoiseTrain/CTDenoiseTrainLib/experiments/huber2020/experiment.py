"""The experiment `huber2020`: what a loss of features changes in the pictures of the same network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.inference.paces import cache_folder
from CTDenoiseLib.volume import Volume

from ...errors import DataError
from ...material.chests import open_chest_volumes
from ...pairs.batch import BatchSource
from ..experiment import ExperimentResult, Scale
from ..trained import Trained
from ..workbench import Workbench
from .bones import BoneLine, find_bone_lines
from .dose import scan_at_two_doses
from .figures import plot_losses_side_by_side, plot_texture_and_training
from .measure import measure_pictures, noise_places
from .networks import WEIGHTS_FILE, denoise, find_vgg16, train_with_features, train_with_squared_error
from .pairs import dose_patches
from .result import FEATURES, FULL, LOW, SQUARED, Outcome, put_together
from .settings import SETTINGS, Settings

_PICTURES, _TEXTURE = "pictures.png", "texture.png"
# Of the height of the chest from below: no shoulders.
_TEST_PART = (0.1, 0.7)

Pictures = NDArray[np.float32]


class FeatureLossComparison:
    """Mean squared error against mean squared error and features of VGG16, after Huber et al. (2020).

    Args:
        settings: At each scale.
        chests: To test on and to learn from; `None` for those of openly licensed CT.
    """

    def __init__(
        self, settings: Mapping[Scale, Settings] = SETTINGS, *, chests: tuple[Volume, Volume] | None = None
    ) -> None:
        self.name = "huber2020"
        self.title = "Loss functions of a five-layer network: squared error, and features of VGG16"
        self.paper = (
            "Huber NR, Missert AD, Erickson BJ. Radiol Artif Intell 2020;2:e200036, doi 10.1148/ryai.2020200036"
        )
        self._settings = settings
        self._chests = chests

    def configuration(self, scale: Scale) -> Settings:
        """Everything that decides the figures at this scale."""
        return self._settings[scale]

    def run(self, bench: Workbench) -> ExperimentResult:
        """Scan, train, measure; the part with features only where there are weights of VGG16.

        Raises:
            CTDenoiseError: There are no chests, or they show no bone or no uniform tissue.
        """
        settings = self._settings[bench.scale]
        test, training = self._chests or _open_chests(bench)
        anatomy, pixel_mm = _spread(test, settings.test_sections, *_TEST_PART), test.geometry.spacing[1]
        scanned = _scan(bench, settings, anatomy, pixel_mm, repeats=2)
        bones = _bones(scanned["clean"], pixel_mm, settings)
        outcome = _train(bench, settings, training)
        denoised = {
            name: denoise(network, scanned["low"], bench=bench, settings=settings)
            for name, network in outcome.networks.items()
        }
        pictures = {LOW: scanned["low"], **denoised, FULL: scanned["full"]}
        places = noise_places(anatomy, pixel_mm=pixel_mm)
        measured = measure_pictures(pictures, FULL, places=places, bones=bones, pixel_mm=pixel_mm)
        shown = {name: scans[0] for name, scans in pictures.items()}
        noise = {name: own["noise"] for name, own in measured.items()}
        bench.save_figure(_PICTURES, plot_losses_side_by_side(shown, bones[0], noise, pixel_mm=pixel_mm))
        losses = {name: network.losses for name, network in outcome.networks.items()}
        bench.save_figure(
            _TEXTURE, plot_texture_and_training(measured, losses, steps_per_epoch=settings.steps_per_epoch)
        )
        where = f"“{bench.folder}”, or a folder that --data names, as {WEIGHTS_FILE}"
        return put_together(settings, measured, outcome, figures=_captions(tuple(shown)), where=where)


def _open_chests(bench: Workbench) -> tuple[Volume, Volume]:
    test, training = open_chest_volumes(bench.data or cache_folder() / "lung")[:2]
    return test, training


def _spread(chest: Volume, count: int, low: float = 0.0, high: float = 1.0) -> Pictures:
    """So many sections between two shares of the height, evenly spread, shape (n, y, x)."""
    chosen = np.rint(np.linspace(low, high, count) * (chest.shape[0] - 1)).astype(int)
    return np.asarray(chest.hu[chosen])


def _scan(
    bench: Workbench, settings: Settings, anatomy: Pictures, pixel_mm: float, *, repeats: int
) -> dict[str, Pictures]:
    return bench.arrays(
        "test pictures" if repeats > 1 else "training pictures",
        lambda: scan_at_two_doses(
            anatomy,
            pixel_mm=pixel_mm,
            scanner=settings.scanner,
            repeats=repeats,
            # Numbers that no other chance of the experiment has.
            seed=settings.seed + repeats,
            count=bench.watcher.count,
        ),
    )


def _bones(clean: Pictures, pixel_mm: float, settings: Settings) -> list[BoneLine]:
    bones = find_bone_lines(clean, pixel_mm=pixel_mm, most=settings.bones)
    if not bones:
        raise DataError("No bone in the test sections can be measured; use chests with ribs and spine in them.")
    return bones


def _train(bench: Workbench, settings: Settings, chest: Volume) -> Outcome:
    @cache
    def batches() -> BatchSource:
        pixel_mm = chest.geometry.spacing[1]
        anatomy = _spread(chest, settings.training_sections)
        scanned = _scan(bench, settings, anatomy, pixel_mm, repeats=1)
        return dose_patches(scanned["low"][0], scanned["full"][0], pixel_mm=pixel_mm, settings=settings)

    networks: dict[str, Trained] = {SQUARED: train_with_squared_error(bench, settings, batches)}
    vgg16, weight = find_vgg16(bench), None
    if vgg16 is None:
        bench.watcher.note("There are no weights of VGG16, so the part with features is left out.")
    else:
        networks[FEATURES], weight = train_with_features(bench, settings, batches, vgg16)
    return Outcome(networks, vgg16, weight)


def _captions(names: tuple[str, ...]) -> dict[str, str]:
    return {
        _PICTURES: f"A section of the test chest, from left to right {', '.join(names)}; a bone in it, enlarged; and "
        "the profile along the line across that bone, in the manner of figure 4 of the article.",
        _TEXTURE: "Noise power spectra of the same pictures, and how the squared error fell in training.",
    }

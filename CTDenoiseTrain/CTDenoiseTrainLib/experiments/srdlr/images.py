"""The five images that are compared: input, the outputs of both networks, and what each learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from CTDenoiseLib.networks import DenoisingNetwork

from ...validation.predict import SectionPredictor
from ..workbench import Workbench
from .scanner import scan_object
from .settings import Settings
from .shapes import Floats
from .unseen_phantoms import PHANTOMS

INPUT, DLR, SR_DLR, SAME, SHARP = "Input", "DLR", "SR-DLR", "Target of DLR", "Target of SR-DLR"
SCALE_HU = 100.0
"""HU that make 1 in the networks."""
_AT_ONCE = 4


@dataclass(frozen=True)
class UnseenPhantom:
    """Repeated scans of a phantom that no network has seen.

    Attributes:
        stacks: HU of each of the five images by name, each (n, y, x).
        same: The conventional scanner's section without noise, shape (y, x).
        sharp: That of the sharp scanner.
    """

    stacks: Mapping[str, Floats]
    same: Floats
    sharp: Floats

    def means(self) -> dict[str, Floats]:
        """The mean of the repeated scans of each image, shape (y, x)."""
        return {name: stack.mean(axis=0) for name, stack in self.stacks.items()}


def unseen_phantoms(
    bench: Workbench, settings: Settings, networks: Mapping[str, DenoisingNetwork]
) -> dict[str, UnseenPhantom]:
    """Scan the unseen phantoms, and send the inputs through both networks.

    Args:
        bench: Of the experiment.
        settings: Of the experiment.
        networks: By the name of their image.
    """
    found = {}
    for place, (phantom, draw) in enumerate(PHANTOMS.items()):
        repeats = settings.repeats if phantom == "rods" else max(2, settings.repeats // 3)
        rng = np.random.default_rng([settings.test_seed, place])
        scans = bench.arrays(
            f"unseen-{phantom}",
            partial(_scanned, draw(settings), settings, repeats=repeats, rng=rng),
        )
        outputs = {name: _denoised(bench, network, scans["inputs"]) for name, network in networks.items()}
        stacks = {INPUT: scans["inputs"], **outputs, SAME: scans["same"], SHARP: scans["sharp"]}
        found[phantom] = UnseenPhantom(stacks, scans["same_without_noise"], scans["sharp_without_noise"])
    return found


def _scanned(object_hu: Floats, settings: Settings, *, repeats: int, rng: np.random.Generator) -> dict[str, Floats]:
    return vars(scan_object(object_hu, settings, draws=repeats, targets=settings.target_repeats, rng=rng))


def _denoised(bench: Workbench, network: DenoisingNetwork, inputs: Floats) -> Floats:
    predictor = SectionPredictor(network, bench.backend, scale_hu=SCALE_HU)
    parts = np.array_split(inputs, max(1, len(inputs) // _AT_ONCE))
    return np.concatenate([part - predictor.noise(part[:, None]) for part in parts])

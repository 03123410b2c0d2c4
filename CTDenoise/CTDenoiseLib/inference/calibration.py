"""How fast this machine is: measured once, which takes about a second, and corrected by what runs took."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Sequence

from ..errors import CTDenoiseError
from ..models.card import NetworkDescription
from .backend import Backend
from .cost import Pace, section_seconds
from .denoiser import Denoiser
from .network_work import work_of
from .paces import Paces
from .padding import padded_size
from .probe import PROBE, circumstances, probe
from .reference_machine import coefficients
from .results import DenoiseStatistics

PACE_VARIABLE = "CTDENOISE_PACE"
_TYPICAL_SIDE = 1024
# Enough to keep all units of a device at work, and few enough for a second.
_PROBE_SIDE = {"cpu": 256, "mps": 512, "cuda": 1024}
_LEAST_ROUNDS = 3
_LEAST_SECONDS = 0.2
# A run of fewer sections says little of a longer one.
_LEAST_SECTIONS = 5

_log = logging.getLogger(__name__)


class CalibrationError(CTDenoiseError):
    """The pace that was given in place of a measurement is none."""


def pace_of(denoiser: Denoiser) -> Pace:
    """Pace of a device with a model: that of the last run with it, else as calibrated, which may have to be measured.

    Raises:
        CalibrationError: The variable CTDENOISE_PACE is no positive number.
    """
    last = _pace_of_last_run(denoiser)
    return Pace(calibrated_pace(denoiser.backend)) if last is None else last


def known_pace(denoiser: Denoiser) -> Pace | None:
    """The same, as far as it is known without measuring.

    Raises:
        CalibrationError: The variable CTDENOISE_PACE is no positive number.
    """
    last = _pace_of_last_run(denoiser)
    if last is not None:
        return last
    known = _known_pace(denoiser.backend)
    return None if known is None else Pace(known)


def calibrated_pace(backend: Backend) -> float:
    """Pace of a device, or of several together, in a precision; measured unless it is known or given.

    Raises:
        CalibrationError: The variable is no positive number.
    """
    given = given_pace()
    return _together([_measured_pace(part) for part in backend.parts]) if given is None else given


def typical_section_seconds(backend: Backend, network: NetworkDescription) -> float:
    """Seconds for a section of 1024² with a network; see `calibrated_pace`."""
    reference = section_seconds(work_of(network), coefficients(backend.precision), pixels=_TYPICAL_SIDE**2)
    return calibrated_pace(backend) * reference


def given_pace() -> float | None:
    """Pace that the variable CTDENOISE_PACE gives for all devices, so that nothing is measured; `None` without.

    Raises:
        CalibrationError: It is no positive number.
    """
    given = os.environ.get(PACE_VARIABLE)
    if not given:
        return None
    try:
        pace = float(given)
    except ValueError:
        pace = math.nan
    if not 0 < pace < math.inf:
        raise CalibrationError(f"{PACE_VARIABLE} is “{given}”; set it to a positive number, or not at all.")
    return pace


def remember_run(denoiser: Denoiser, *, shape: tuple[int, int, int], figures: DenoiseStatistics) -> None:
    """Keep the pace of a run that is over, for what is foretold of the next one.

    Args:
        denoiser: What made it.
        shape: Sections, rows and columns of the volume.
        figures: Of the run; one of few sections, or of tiles because memory was short, is not counted.
    """
    if figures.sections < _LEAST_SECTIONS or figures.tiles > 1:
        return
    rows, columns = (padded_size(side, multiple=denoiser.execution.stride) for side in shape[1:])
    costs = coefficients(denoiser.backend.precision)
    reference = section_seconds(work_of(denoiser.card.network), costs, pixels=rows * columns)
    pace = figures.seconds / figures.sections / reference
    Paces.of_this_user().put(_name_of_run(denoiser), pace)


def probe_seconds(backend: Backend) -> float:
    """Seconds that a backend takes for the probe, the shortest of a few."""
    denoise = probe(backend, side=_side(backend))
    denoise()
    times: list[float] = []
    while len(times) < _LEAST_ROUNDS or sum(times) < _LEAST_SECONDS:
        start = time.perf_counter()
        denoise()
        times.append(time.perf_counter() - start)
    return min(times)


def _reference_seconds(backend: Backend) -> float:
    """Seconds of the reference machine for the same; on graphics processors, as if it were one of them."""
    costs = coefficients(backend.precision)
    if backend.device == "cpu":
        return costs.probe
    return section_seconds(work_of(PROBE), costs, pixels=_side(backend) ** 2)


def _side(backend: Backend) -> int:
    return _PROBE_SIDE[backend.device.partition(":")[0]]


def _pace_of_last_run(denoiser: Denoiser) -> Pace | None:
    pace = Paces.of_this_user().get(_name_of_run(denoiser))
    return None if pace is None else Pace(pace, from_last_run=True)


def _known_pace(backend: Backend) -> float | None:
    given = given_pace()
    if given is not None:
        return given
    known = [Paces.of_this_user().get(_name_of_pace(part)) for part in backend.parts]
    paces = [pace for pace in known if pace is not None]
    return _together(paces) if len(paces) == len(known) else None


def _measured_pace(backend: Backend) -> float:
    paces, name = Paces.of_this_user(), _name_of_pace(backend)
    pace = paces.get(name)
    if pace is None:
        pace = probe_seconds(backend) / _reference_seconds(backend)
        _log.info("%s in %s takes %.3g times as long as the reference.", backend.device, backend.precision, pace)
        paces.put(name, pace)
    return pace


def _together(paces: Sequence[float]) -> float:
    """Pace of devices that share the sections, each as it can."""
    return 1 / sum(1 / pace for pace in paces)


def _name_of_pace(backend: Backend) -> str:
    return f"pace, {circumstances(backend)}"


def _name_of_run(denoiser: Denoiser) -> str:
    weights = denoiser.card.weights.sha256[:16]
    return f"last run of {denoiser.card.name} {weights}, {circumstances(denoiser.backend)}"

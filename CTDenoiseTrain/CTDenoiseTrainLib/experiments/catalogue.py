"""The experiments by name."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

from .experiment import Experiment
from .workbench import ExperimentError

NAMES = ("zhang2024", "madhavan2024", "huber2020", "srdlr", "asl")


def find_experiment(name: str) -> Experiment:
    """The experiment of a name; each lives in a package of its own name, as `EXPERIMENT`.

    Raises:
        ExperimentError: There is none of that name.
    """
    if name not in NAMES:
        close = get_close_matches(name.lower(), NAMES, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise ExperimentError(f"There is no experiment “{name}”; known are {', '.join(NAMES)}.{hint}")
    experiment: Experiment = import_module(f"{__package__}.{name}").EXPERIMENT
    return experiment

"""What training and experiments need beyond the core, which the other commands do without."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.util import find_spec

from ..errors import TrainingError

# Module, and the name it is installed by.
_NEEDED_BY_TRAINING = {
    "tomli_w": "tomli-w",
    "tensorboardX": "tensorboardX",
    **({} if sys.version_info >= (3, 11) else {"tomli": "tomli"}),
}
NEEDED_BY_EXPERIMENTS = {"skimage": "scikit-image"}


def check_needed_packages(*, what: str = "Training", needed: Mapping[str, str] = _NEEDED_BY_TRAINING) -> None:
    """See that all of it is installed, before the first import of it.

    Args:
        what: What needs it, for the message.
        needed: Names of packages by the modules that they bring.

    Raises:
        TrainingError: Something is missing; the message says how to install it.
    """
    missing = [package for module, package in needed.items() if find_spec(module) is None]
    if missing:
        raise TrainingError(
            f"{what} needs packages that are not installed: {', '.join(missing)}; install them with "
            "“pip install 'ctdenoise[train]'”."
        )

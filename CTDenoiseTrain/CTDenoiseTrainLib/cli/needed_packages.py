"""What training needs beyond the core, which the other commands do without."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from ..errors import TrainingError

# Module, and the name it is installed by.
_NEEDED = {
    "tomli_w": "tomli-w",
    "tensorboardX": "tensorboardX",
    **({} if sys.version_info >= (3, 11) else {"tomli": "tomli"}),
}


def check_needed_packages() -> None:
    """See that all of it is installed, before the first import of it.

    Raises:
        TrainingError: Something is missing; the message says how to install it.
    """
    missing = [package for module, package in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise TrainingError(
            f"Training needs packages that are not installed: {', '.join(missing)}; install them with "
            "“pip install 'ctdenoise[train]'”."
        )

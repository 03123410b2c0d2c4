"""Numbers as users write them in options, such as `NAME=X,Y,Z:DIAMETER,HEIGHT`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import OptionError


@dataclass(frozen=True)
class NamedNumbers:
    """Numbers in groups, with their name if they have one."""

    name: str | None
    groups: tuple[tuple[float, ...], ...]


def read_numbers(option: str, text: str, *form: str) -> NamedNumbers:
    """Read numbers that commas separate, in groups that colons separate.

    Args:
        option: Name of the option, such as "--box".
        text: What was given for it.
        form: What it may look like, such as "X,Y,Z:DX,DY,DZ".

    Raises:
        OptionError: It looks otherwise.
    """
    name, _, rest = text.rpartition("=")
    groups = tuple(tuple(map(_number, group.split(","))) for group in rest.split(":"))
    numbers_in = [len(group) for group in groups]
    forms = [[len(group.split(",")) for group in each.split(":")] for each in form]
    if numbers_in not in forms or not all(math.isfinite(number) for group in groups for number in group):
        raise OptionError(
            f"{option} {text} cannot be read; write {' or '.join(form)}, each a number with a decimal point."
        )
    return NamedNumbers(name.strip() or None, groups)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan

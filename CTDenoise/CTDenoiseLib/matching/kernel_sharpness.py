"""How sharp a reconstruction kernel is, from its name.

The scale is that of Siemens' kernel numbers, from 10 (extremely soft) to about 99; other makers' kernels are placed on
it. It is an ordering, not a measurement: within one family of names it can be trusted, across families and makers it is
right to about ±10.

- Siemens: letters for the family and a number that grows with sharpness: B10 is extremely soft, B30 and B40 are
  standard, B50 to B80 sharper; the endings s and f tell the rotation time, and B31 is about as sharp as B30 (SOMATOM
  Sensation, operating instructions). In the later names, such as Br40 and Qr89, one step of the number is about 4 % of
  spatial resolution (T. Zhou, Siemens CT reconstruction kernels, Physics Pulse, 2025).
- GE: by noise texture SOFT is closest to B35f, CHEST to B41f, STANDARD to B43f and LUNG to B80f (Solomon et al., Med
  Phys 2012, doi 10.1118/1.4752209); DETAIL, BONE, BONEPLUS and EDGE stand in GE's own order around these.
- Philips: from A to E the sharper the later; COPDGene reconstructed B where Siemens had B31f, and D where it had B46f.
  L is for the lung, U for the brain and Y for bone: of one scan of a head phantom that this project is tested with, the
  series "BONE BRAIN" is of kernel YA, "STD BRAIN" of UB, and YA has more than three times the noise.
- Canon (Toshiba): FC and a number whose tens tell the family: 0 and 1 body, 2 brain, 3 bone, 5 lung, 8 sharp bone. FC18
  is "Body", FC30 "Bone" and FC81 "Bone Sharp" (Hernandez et al., Med Phys 2021, doi 10.1002/mp.14789). Within a family
  no order is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

ABOUT_AS_SHARP = 2.0
"""Kernels no farther apart are taken for equally sharp."""

_CANON = re.compile(r"FC(\d)\d", re.IGNORECASE)
_SIEMENS = re.compile(r"([A-Z]{1,2})(\d\d)([A-Z]?)", re.IGNORECASE)
# Endings that say how fast the gantry turned, not how sharp the kernel is.
_SIEMENS_ENDINGS = {"s", "f", "d"}

_CANON_FAMILIES = {"0": 35.0, "1": 35.0, "2": 35.0, "3": 60.0, "5": 60.0, "8": 80.0}
_NAMED = {
    "soft": 35.0,
    "chest": 41.0,
    "standard": 43.0,
    "detail": 50.0,
    "bone": 60.0,
    "boneplus": 70.0,
    "lung": 80.0,
    "edge": 85.0,
    "a": 20.0,
    "b": 31.0,
    "c": 38.0,
    "d": 46.0,
    "e": 60.0,
    "l": 60.0,
    "ua": 30.0,
    "ub": 35.0,
    "uc": 40.0,
    "ya": 60.0,
    "yb": 65.0,
    "yc": 70.0,
    "yd": 75.0,
}


def kernel_sharpness(kernel: Sequence[str]) -> float | None:
    """Place of a kernel on the scale.

    Args:
        kernel: The values of Convolution Kernel (0018,1210). The first that is known counts; another one may be the
            strength of an iterative method.

    Returns:
        About 10 (soft) to 99 (sharp), `None` if no value is known.

    Example:
        >>> kernel_sharpness(("Qr89", "3")), kernel_sharpness(("STANDARD",)), kernel_sharpness(("MyKernel",))
        (89.0, 43.0, None)
    """
    return next((sharpness for name in kernel if (sharpness := _sharpness(name.strip())) is not None), None)


def same_kernel(one: str, other: str) -> bool:
    """Whether two names are of one kernel, whatever their case and, for Siemens, the rotation time."""
    return _plain_name(one) == _plain_name(other)


def _sharpness(name: str) -> float | None:
    if found := _CANON.fullmatch(name):
        return _CANON_FAMILIES.get(found[1])
    if found := _SIEMENS.fullmatch(name):
        return float(found[2])
    return _NAMED.get(name.casefold())


def _plain_name(name: str) -> str:
    plain = name.strip().casefold()
    found = _SIEMENS.fullmatch(plain)
    return plain[:-1] if found and found[3] in _SIEMENS_ENDINGS else plain

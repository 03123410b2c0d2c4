"""Filtered back projection or iterative reconstruction: what the header of a CT image says.

The standard has an attribute for it (0018,9315), which enhanced CT uses and ordinary CT rarely. Vendors say it
elsewhere:

- Siemens: an iterative method makes Convolution Kernel (0018,1210) two-valued, the kernel and the strength, such as
  Br40d and 2 (rule of J. Solomon, used by Draelos et al. for the RAD-ChestCT data, Med Image Anal 2021). The kernels of
  the first iterative methods have names that begin with I in place of B, such as I30f.
- GE: private elements (0053,xx40/42/43) of owner GEHC_CT_ADVAPP_001, called iterative reconstruction annotation,
  configuration and level in pydicom's dictionary, are there for iterative reconstruction only (same source).
- Philips: private element (01F7,xx9B) of owner ELSCINT1, "iDose Level" in pydicom's dictionary.
- Canon: private element (7005,xx0B) of owner TOSHIBA_MEC_CT3, the filter, such as "AIDR 3D STD".

Where private elements are missing nothing is said: they may have been removed with the patient's name.
"""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from .values import attribute, number, text, texts, value

_STANDARD = {"FILTER_BACK_PROJ": "FBP", "ITERATIVE": "iterative"}


def reconstruction_method(header: Dataset, frame: int | None) -> str | None:
    """Such as "FBP", "iDose4 level 3" or "iterative, strength 2"; `None` where the header does not tell."""
    manufacturer = (text(value(header, "Manufacturer")) or "").upper()
    for vendor, method in (("GE", _ge), ("PHILIPS", _philips), ("TOSHIBA", _canon), ("CANON", _canon)):
        if manufacturer.startswith(vendor) and (said := method(header)):
            return said
    stated = text(attribute(header, frame, "CTReconstructionSequence", "ReconstructionAlgorithm"))
    if stated:
        return _STANDARD.get(stated)
    return _siemens(header, frame) if manufacturer.startswith("SIEMENS") else None


def _siemens(header: Dataset, frame: int | None) -> str | None:
    kernel = texts(attribute(header, frame, "CTReconstructionSequence", "ConvolutionKernel"))
    if len(kernel) == 2 and kernel[1].isdigit():
        return f"iterative, strength {kernel[1]}"
    if len(kernel) == 1:
        return "iterative" if kernel[0].startswith("I") else "FBP"
    return None


def _ge(header: Dataset) -> str | None:
    annotation, configuration, level = (
        text(_private(header, 0x0053, "GEHC_CT_ADVAPP_001", element)) for element in (0x40, 0x42, 0x43)
    )
    said = [word for word in (annotation or configuration, level and f"level {level}") if word]
    return f"iterative ({', '.join(said)})" if said else None


def _philips(header: Dataset) -> str | None:
    level = number(_private(header, 0x01F7, "ELSCINT1", 0x9B))
    return f"iDose4 level {level:.0f}" if level else None


def _canon(header: Dataset) -> str | None:
    image_filter = text(_private(header, 0x7005, "TOSHIBA_MEC_CT3", 0x0B))
    return image_filter if image_filter and image_filter.startswith("AIDR") else None


def _private(header: Dataset, group: int, owner: str, element: int) -> Any:
    try:
        found = header.private_block(group, owner)[element].value
    except Exception:  # missing, or pydicom cannot make sense of it
        return None
    return found.decode("ascii", "replace") if isinstance(found, bytes) else found

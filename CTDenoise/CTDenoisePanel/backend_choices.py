"""The menus of devices and precisions, from what the worker says it can compute on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from .choices import Choice

if TYPE_CHECKING:
    from CTDenoiseLib.worker.messages import DeviceInfo, ModelLoaded

AUTO = "auto"


def device_choices(devices: Sequence[DeviceInfo], chosen: str, loaded: ModelLoaded | None = None) -> tuple[Choice, ...]:
    """Automatic and each device, with the memory that is free.

    Args:
        devices: Of this computer; empty while unknown.
        chosen: A device that stays in the menu even if it is not there, as after loading a scene from another computer.
        loaded: Where the model was loaded to, which is what "Automatic" came to if that is chosen.
    """
    automatic = Choice(AUTO, _("Automatic"), _("The graphics processor with the most free memory, else the processor"))
    if loaded is not None and chosen == AUTO:
        automatic = Choice(AUTO, _("Automatic: {device}").format(device=_short_name(loaded)), loaded.reason)
    choices = [automatic, *map(_device_choice, devices)]
    if all(choice.value != chosen for choice in choices):
        choices.append(Choice(chosen, _("{device} (not found)").format(device=chosen)))
    return tuple(choices)


def precision_choices(
    devices: Sequence[DeviceInfo], device: str, chosen: str, loaded: ModelLoaded | None = None
) -> tuple[Choice, ...]:
    """Automatic and each precision that a device computes in; every device does the one in 32 bits."""
    names = next((info.precisions for info in devices if info.name == device), ("fp32",))
    texts = {
        "fp32": _("fp32 (single)"),
        "fp16": _("fp16 (half)"),
        "bf16": _("bf16 (half, wide range)"),
    }
    automatic = Choice(AUTO, _("Automatic"), _("The fastest that is exact enough on the device"))
    if loaded is not None and chosen == AUTO:
        automatic = Choice(AUTO, _("Automatic: {precision}").format(precision=loaded.precision), loaded.reason)
    choices = [automatic, *(Choice(name, texts.get(name, name)) for name in names)]
    if all(choice.value != chosen for choice in choices):
        choices.append(Choice(chosen, _("{precision} (not on this device)").format(precision=chosen)))
    return tuple(choices)


def device_problem(devices: Sequence[DeviceInfo], device: str, precision: str) -> str:
    """Why a choice cannot be run on this computer; empty if it can, or while the devices are unknown."""
    if not devices or (device == AUTO and precision in (AUTO, "fp32")):
        return ""
    names = {info.name: info.precisions for info in devices}
    if device != AUTO and device not in names:
        return _("This computer has no device {device}; choose another one.").format(device=device)
    if precision != AUTO and precision not in names.get(device, ("fp32",)):
        return _("The chosen device does not compute in {precision}; choose another precision.").format(
            precision=precision
        )
    return ""


def _device_choice(info: DeviceInfo) -> Choice:
    free = _("{gigabytes:.1f} GB free").format(gigabytes=info.free_memory / 1e9)
    hint = _("{description}, {total:.1f} GB in all").format(description=info.description, total=info.total_memory / 1e9)
    if info.kind == "cpu":  # of which there is one; its full name would not fit
        return Choice(info.name, _("CPU, {free}").format(free=free), hint)
    kind = _("MPS") if info.kind == "mps" else info.name
    text = _("{kind}: {description}, {free}").format(kind=kind, description=_brief(info.description), free=free)
    return Choice(info.name, text, hint)


def _short_name(loaded: ModelLoaded) -> str:
    return _("CPU") if loaded.device == "cpu" else _brief(loaded.device_name)


def _brief(description: str) -> str:
    """Without the maker's name, which says nothing that the user needs and takes the place of what he does."""
    return description.removeprefix("NVIDIA ").removeprefix("AMD ")

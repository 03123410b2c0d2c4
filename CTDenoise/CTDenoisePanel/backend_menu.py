"""The menus of devices and precisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from CTDenoiseLib.signal import Signal

from .backend_choices import AUTO, device_choices, device_problem, precision_choices
from .choices import chosen_value, show_choices

if TYPE_CHECKING:
    from CTDenoiseLib.worker.messages import DeviceInfo, ModelLoaded

    from .parameters import Parameters


class BackendMenu:
    """Shows what the worker can compute on.

    Args:
        ui: Widgets of the panel.

    Attributes:
        chosen: The user chose this device and this precision.
        devices: Of this computer; empty while the worker has not named them.
        loaded: The model that the worker loaded last, and where to.
        problem: Why the choice cannot be run, else empty.
    """

    def __init__(self, ui: Any) -> None:
        self.chosen: Signal[str, str] = Signal()
        self.devices: Sequence[DeviceInfo] = ()
        self.loaded: ModelLoaded | None = None
        self.problem = ""
        self._device, self._precision = ui.deviceSelector, ui.precisionSelector
        self._device.currentIndexChanged.connect(self._on_device)
        self._precision.currentIndexChanged.connect(self._on_precision)

    def show(self, parameters: Parameters | None) -> None:
        """Show the devices, and the choice in the parameters."""
        device, precision = (parameters.device, parameters.precision) if parameters else (AUTO, AUTO)
        show_choices(self._device, device_choices(self.devices, device, self.loaded), device)
        show_choices(self._precision, precision_choices(self.devices, device, precision, self.loaded), precision)
        self.problem = device_problem(self.devices, device, precision)

    def _on_device(self, *_args: object) -> None:
        # What the last device computed in may be nothing that this one does.
        self.chosen.emit(chosen_value(self._device), AUTO)

    def _on_precision(self, *_args: object) -> None:
        self.chosen.emit(chosen_value(self._device), chosen_value(self._precision))

"""The way from a volume that a model does not suit to the module that fine-tunes the model on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer

if TYPE_CHECKING:
    from CTDenoiseLib.models.store import StoredModel

_MODULE = "CTDenoiseTrain"


class FineTuneLink:
    """A button that opens CT Denoise Train with volume and model chosen there.

    Args:
        ui: Widgets of the panel.
    """

    def __init__(self, ui: Any) -> None:
        self._volume: slicer.vtkMRMLScalarVolumeNode | None = None
        self._model: StoredModel | None = None
        ui.fineTuneButton.clicked.connect(self._on_button)

    @property
    def there(self) -> bool:
        """Whether Slicer has the module, and a main window to show it in."""
        return slicer.app.moduleManager().module(_MODULE) is not None and slicer.util.mainWindow() is not None

    def show(self, volume: slicer.vtkMRMLScalarVolumeNode | None, model: StoredModel | None) -> None:
        """What there is to fine-tune, and on what."""
        self._volume, self._model = volume, model

    def _on_button(self, *_args: object) -> None:
        if self._volume is not None and self._model is not None:
            slicer.util.getModuleLogic(_MODULE).chooseFineTuning(self._volume, self._model.card.name)
            slicer.util.selectModule(_MODULE)

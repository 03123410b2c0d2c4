"""The panel of CT Denoise Train in the hands of a user, for tests on the stand-in for Slicer's Qt side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from host.dialect import use_dialect

from .ct_series import anatomy
from .module_user import ModuleUser
from .scripted_trainer import ScriptedTrainer

use_dialect(__name__)

# A training of a few seconds.
TINY = {"epochs": 3, "batch": 4, "patches": 8, "side": 16, "rate": 1e-3, "device": "cpu", "precision": "fp32"}
SPACING = (1.0, 0.7, 0.7)
STUDY, FRAME = "1.2.826.0.1.3680043.10.543.1", "1.2.826.0.1.3680043.10.543.2"


class TrainingUser(ModuleUser):
    """Does what a user does, and sees what he sees."""

    @property
    def session(self) -> Any:
        """What the panel trains at the moment."""
        return self.loaded.widget.panel._runner.session

    @property
    def state(self) -> str:
        """Where the training stands."""
        return str(self.session.state.value) if self.session is not None else "idle"

    @property
    def message(self) -> str:
        """What the line in the section Train says; empty while it is hidden."""
        return self.said("trainMessageLabel")

    @property
    def result_message(self) -> str:
        """The same of the section Result."""
        return self.said("resultMessageLabel")

    def add_ct(self, *, shape: tuple[int, int, int] = (24, 96, 80), noise_hu: float = 30.0, name: str = "CT") -> Any:
        """Load a body of soft tissue and bone of which no header tells anything."""
        hu = anatomy(shape, noise_hu=noise_hu).astype(np.int16)
        return self.host.parts.add_volume(hu, name=name, spacing=SPACING)

    def add_series(self, folder: Path, *, noise_hu: float, seed: int = 0, **series: Any) -> Any:
        """Import such a body as a DICOM series (`support.ct_series.make_ct_series`) and load it; returns the node."""
        hu = anatomy((24, 48, 40), noise_hu=noise_hu, seed=seed)
        same_body = {"hu": hu, "sections": len(hu), "study_uid": STUDY, "frame_of_reference": FRAME}
        return super().add_series(folder, **same_body | series)

    def open(self, *, main_window: bool = True, **parameters: Any) -> None:
        """Open the panel, with figures of a training of a few seconds unless the parameters name others."""
        self.loaded = self.load("CTDenoiseTrain", entered=False, main_window=main_window)
        self.host.enter(self.loaded)
        self.settle()
        self.set(**TINY | parameters)

    def choose(self, menu: str, value: str) -> None:
        """Pick an entry of a menu by what it stands for."""
        widget = getattr(self.ui, menu)
        widget.setCurrentIndex(widget.findData(value))
        self.settle()

    def press(self, button: str) -> None:
        """Press a button, which must be enabled."""
        why = self.why(button)
        assert not why, f"{button} is disabled: {why}"
        getattr(self.ui, button).click()
        self.settle()

    def wait_for(self, *states: str, timeout: float = 90.0) -> None:
        """Wait until the training is in one of these states."""
        self.spin(lambda: self.state in (*states, "failed"), timeout=timeout)
        assert self.state in states, f"It failed: {self.message}"
        self.settle()

    def train(self) -> None:
        """Press Start, and wait for the end."""
        self.press("startButton")
        self.wait_for("done")

    def begin(self, worker: ScriptedTrainer) -> None:
        """Press Start, and have a scripted worker at the training."""
        self.press("startButton")
        self.spin(lambda: self.state == "training")
        worker.get_ready()
        self.settle()

    def texts(self, menu: str) -> list[str]:
        """The entries of a menu."""
        widget = getattr(self.ui, menu)
        return [widget.itemText(row) for row in range(widget.count)]

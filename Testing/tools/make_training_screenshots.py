"""Makes the pictures of training in the README: python Testing/tools/make_training_screenshots.py

The panel, the worker, the training and the images are the real ones; Slicer's windows are those of Testing/host. They
show the NLST series of the test data (see Testing/conftest.py), which is under CC BY 4.0.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from host.dialect import use_dialect
from support.training_user import TrainingUser
from tools.make_screenshots import FOLDER, MODEL, PANEL_WIDTH, SCALE, TEST_DATA
from tools.slicer_window import open_slicer, save, spin, window_picture

use_dialect(__name__)

SERIES = TEST_DATA / "nlst_chest_low_dose_fc51"
WINDOW = (1440, 860)
EPOCHS, LATER_EPOCH, PATCHES = 6, 4, 320


def save_window(user: TrainingUser, name: str) -> None:
    user.settle()
    save(window_picture(user, WINDOW, panel_width=PANEL_WIDTH, scale=SCALE), FOLDER / name)


def tell(user: TrainingUser) -> None:
    """Look at what a single series teaches, fine-tune on it, and see it learn."""
    from DICOMLib import DICOMUtils

    DICOMUtils.loadSeriesByUID(user.host.database.add_folder(SERIES))
    user.open(model=MODEL, epochs=EPOCHS, batch=16, patches=PATCHES, side=64, share=30)
    user.press("lookButton")
    user.wait_for("ready", timeout=600)
    user.ui.recipeSection.collapsed = user.ui.resultSection.collapsed = True
    save_window(user, "8-look.png")

    user.press("startButton")
    user.ui.dataSection.collapsed = True
    user.ui.recipeSection.collapsed = user.ui.resultSection.collapsed = False
    spin(lambda: user.session.last_step and user.session.last_step.epoch >= LATER_EPOCH, timeout=900)
    spin(seconds=1.0)
    save_window(user, "9-train.png")


def main() -> None:
    """Make them all, without a trace among the user's runs and models."""
    if not SERIES.is_dir():
        sys.exit(f"{SERIES} is missing, so nothing was made.")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CTDENOISE_RUNS"], os.environ["CTDENOISE_MODELS"] = f"{folder}/runs", f"{folder}/models"
        with open_slicer() as user:
            tell(TrainingUser(user.host, spin, user.load))


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(__doc__)
    main()

"""Makes the pictures of the tutorial in the README: python Testing/tools/make_screenshots.py

The panel, the worker, the model and the images are the real ones; Slicer's windows are those of Testing/host. The first
pictures need the sample “catphan”, which pip downloads; the one with two kernels needs the phantom of the test data
(see Testing/conftest.py). Both may be shown: pylinac is under the MIT licence, the phantom under BSD-2-Clause.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from host.dialect import use_dialect
from support.panel_user import PanelUser
from support.view_user import scroll, zoom
from tools.slicer_window import open_slicer, panel_picture, save, spin, window_picture

use_dialect(__name__)

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "Resources" / "Screenshots"
TEST_DATA = Path(os.environ.get("CTDENOISE_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
KERNEL_PAIR = TEST_DATA / "philips_head_phantom_kernel_pair"
MODEL = "hrcnn-small"
PANEL_WIDTH, WINDOW = 430, (1440, 700)
SECTION_MM = 763.21
# Right and to the front of the middle of the head phantom, in mm.
LINE = (-32.0, 27.5), (4.0, 27.5)
INSERTS = ("boxButton", -13.8, 27.5), ("cylinderButton", 3.0, 7.3), ("ellipsoidButton", -17.5, -27.3)
INSERT_MM = 13.0
SCALE = 1.5  # as on a screen of high resolution, so that the text is crisp
SECTIONS = ("input", "denoise", "compare", "measure", "export")


def show_sections(user: PanelUser, *names: str) -> None:
    """Fold the other sections of the panel away."""
    for name in SECTIONS:
        getattr(user.ui, f"{name}Section").collapsed = name not in names


def save_panel(user: PanelUser, name: str) -> None:
    save(panel_picture(user, width=PANEL_WIDTH, scale=SCALE), FOLDER / name)


def save_window(user: PanelUser, name: str) -> None:
    save(window_picture(user, WINDOW, panel_width=PANEL_WIDTH, scale=SCALE), FOLDER / name)


def tell_one_study(user: PanelUser) -> None:
    """Choose a volume, denoise it, compare and save it."""
    load_phantom()
    user.open(model=MODEL)
    user.wait_until_ready()
    show_sections(user, "input", "denoise")
    save_panel(user, "1-input.png")

    show_sections(user, "denoise", "compare")
    user.apply()
    spin(lambda: user.ui.progressBar.value >= 50)
    save_panel(user, "2-running.png")
    wait_until_ended(user)

    user.ui.softTissueButton.click()
    save_window(user, "3-compare.png")

    user.ui.saveDicomButton.click()
    spin(lambda: user.export_message)
    show_sections(user, "export")
    save_panel(user, "7-export.png")


def wait_until_ended(user: PanelUser) -> None:
    """Wait for the end of a run and for what it brings about."""
    spin(lambda: not user.running)
    spin(seconds=0.5)


def load_phantom() -> None:
    """Have the module Sample Data load the CatPhan, as a click on its picture does."""
    from CTDenoisePanel.sample_data import SAMPLE_VOLUMES, load_sample

    load_sample(next(volume for volume in SAMPLE_VOLUMES if volume.sample == "catphan"))


def tell_two_kernels(user: PanelUser) -> None:
    """Compare a smooth and a sharp reconstruction of one acquisition with the sharp one denoised."""
    from DICOMLib import DICOMUtils

    DICOMUtils.loadSeriesByUID(user.host.database.add_folder(KERNEL_PAIR))
    user.open(model=MODEL)
    user.wait_until_ready()
    user.apply()
    wait_until_ended(user)
    user.ui.twoByTwoButton.click()
    user.ui.softTissueButton.click()
    show_sections(user, "denoise", "compare")
    zoom(user.host.parts, "CTDenoiseSharp", 2.0)
    save_window(user, "4-two-by-two.png")
    measure(user)


def measure(user: PanelUser) -> None:
    """A line across an insert of the head phantom, then regions in the inserts and the audit of the result."""
    bounds = [0.0] * 6
    user.parameters.input_volume.GetRASBounds(bounds)
    right, front = (bounds[0] + bounds[1]) / 2, (bounds[2] + bounds[3]) / 2
    user.ui.smoothSharpDenoisedButton.click()
    show_sections(user, "measure")
    scroll(user.host.parts, "CTDenoiseSharp", SECTION_MM)
    line = user.draw("newLineButton", *((right + x, front + y, SECTION_MM) for x, y in LINE))
    spin(seconds=1.0)
    save_window(user, "5-profile.png")

    line.SetDisplayVisibility(False)
    for button, x, y in INSERTS:
        corners = (x - INSERT_MM / 2, y - INSERT_MM / 2), (x + INSERT_MM / 2, y + INSERT_MM / 2)
        user.draw(button, *((right + across, front + up, SECTION_MM) for across, up in corners))
    user.ui.auditButton.click()
    spin(user.ui.auditLabel.isVisible)
    save_window(user, "6-regions.png")


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open_slicer() as user:
        tell_one_study(user)
    if not KERNEL_PAIR.is_dir():
        sys.exit(f"{KERNEL_PAIR} is missing, so 4-two-by-two.png was not made.")
    with open_slicer() as user:
        tell_two_kernels(user)


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(__doc__)
    main()

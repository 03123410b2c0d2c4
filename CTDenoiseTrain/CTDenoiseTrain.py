"""Slicer module CT Denoise Train: brings the training library; it has no panel and is hidden."""

from __future__ import annotations

from pathlib import Path

from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest


class CTDenoiseTrain(ScriptedLoadableModule):
    """What Slicer knows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("CT Denoise Train")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Filtering")]
        self.parent.dependencies = ["CTDenoise"]
        self.parent.contributors = ["CTDenoise contributors"]
        self.parent.helpText = _("Library that trains denoising models for CT Denoise. Research use only.")
        self.parent.acknowledgementText = _("The publications are listed in the module CT Denoise.")
        self.parent.hidden = True


class CTDenoiseTrainTest(ScriptedLoadableModuleTest):
    """Self-test, run by CTest."""

    def runTest(self):
        self.setUp()
        self.test_bringsItsLibrary()

    def test_bringsItsLibrary(self):
        import CTDenoiseTrainLib

        self.assertEqual(Path(CTDenoiseTrainLib.__file__).parent.parent, Path(__file__).parent)

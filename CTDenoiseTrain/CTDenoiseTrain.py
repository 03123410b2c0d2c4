"""Slicer module CT Denoise Train: train or fine-tune a denoising model on the images of one's own site."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin


class CTDenoiseTrain(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("CT Denoise Train")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Filtering")]
        self.parent.dependencies = ["CTDenoise"]
        self.parent.contributors = ["CTDenoise contributors"]
        self.parent.helpText = _(
            "Makes a model for CT Denoise from the reconstructions of your own site, or fine-tunes one on them. Choose "
            "a volume: what it can learn from is proposed, with the reason. Look at noise, pairs and patches in the "
            "views, press Start, watch it learn, and keep the model. Research use only: not a medical device, not for "
            "diagnosis."
        )
        self.parent.acknowledgementText = _("The publications are listed in the module CT Denoise.")
        slicer.app.connect("startupCompleted()", _onStartup)


def _onStartup():
    """The layout that a scene saved with it needs before it is opened."""
    from CTDenoiseTrainScene.training_layout_description import register_training_layout

    if slicer.app.layoutManager() is not None:
        register_training_layout(slicer.app.layoutManager().layoutLogic().GetLayoutNode())


class CTDenoiseTrainWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel, as Slicer calls it."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self.panel = None

    def setup(self):
        from pathlib import Path

        from CTDenoisePanel.dependencies import Dependencies
        from CTDenoisePanel.slicer_headers import SlicerHeaders
        from CTDenoiseTrainPanel.panel import Panel

        ScriptedLoadableModuleWidget.setup(self)
        self.logic = CTDenoiseTrainLogic()
        root = slicer.util.loadUI(self.resourcePath("UI/CTDenoiseTrain.ui"))
        self.layout.addWidget(root)
        root.setMRMLScene(slicer.mrmlScene)
        self.panel = Panel(
            slicer.util.childWidgetVariables(root),
            scene=slicer.mrmlScene,
            client=self.logic.client,
            dependencies=Dependencies.of_this_extension(Path(self.resourcePath("requirements.txt"))),
            headers=SlicerHeaders(),
        )
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(scene, scene.EndCloseEvent, self.onSceneEndClose)
        self.panel.bind(self.logic.getParameterNode())

    def enter(self):
        self.panel.enter()

    def exit(self):
        self.panel.leave()

    def cleanup(self):
        self.removeObservers()
        self.panel.close()

    def onSceneStartClose(self, caller, event):
        # A training goes on: it needs neither scene nor volumes.
        self.panel.bind(None)

    def onSceneEndClose(self, caller, event):
        self.panel.bind(self.logic.getParameterNode())


class CTDenoiseTrainLogic(ScriptedLoadableModuleLogic):
    """What the panel and scripts share: the parameters and the worker."""

    def __init__(self):
        from CTDenoiseLib.worker.client import WorkerClient
        from CTDenoisePanel.qprocess_transport import worker_transport

        ScriptedLoadableModuleLogic.__init__(self)
        self.client = WorkerClient(lambda: worker_transport("CTDenoiseTrainLib.worker"))

    def parameters(self):
        """What the user chose, in the parameter node of the scene."""
        from CTDenoiseTrainPanel.parameters import Parameters

        return Parameters(self.getParameterNode())

    def chooseFineTuning(self, volume, model):
        """Have the panel propose to fine-tune the model of a name on an exam."""
        from CTDenoiseTrainPanel.fine_tuning import choose_fine_tuning

        choose_fine_tuning(self.parameters(), volume, model)


class CTDenoiseTrainTest(ScriptedLoadableModuleTest):
    """Self-test, run by Slicer's "Reload and Test" and by CTest; see CTDenoiseTrainPanel/self_tests.py."""

    def runTest(self):
        from CTDenoiseTrainPanel.self_tests import run_self_tests

        run_self_tests(self)

"""Slicer module CT Denoise: denoise CT in a process of its own, and compare before and after in linked views."""

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


class CTDenoise(ScriptedLoadableModule):
    """What Slicer shows of the module."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("CT Denoise")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Filtering")]
        self.parent.dependencies = []
        self.parent.contributors = ["CTDenoise contributors"]
        self.parent.helpText = _(
            "Denoises CT with high-resolution convolutional networks that keep small structures, and shows what they "
            "removed. Choose a volume, look at the badge that says whether the model was made for it, and press Apply: "
            "the slices on screen come first, and you can go on scrolling. Then compare input, output and difference, "
            "change the strength, and save the result. Research use only: not a medical device, not for diagnosis."
        )
        self.parent.acknowledgementText = _("The methods follow these publications:") + (
            "<ul>"
            "<li>Madhavan AA, Cutsforth-Gregory JK, Brinjikji W, et al. Application of a denoising high-resolution "
            "deep convolutional neural network to improve conspicuity of CSF-venous fistulas on photon-counting CT "
            "myelography. AJNR Am J Neuroradiol 2024;45(1):96-99. doi:10.3174/ajnr.A8097</li>"
            "<li>Zhang X, Su T, Zhang Y, et al. Transferring U-Net between low-dose CT denoising tasks: a validation "
            "study with varied spatial resolutions. Quant Imaging Med Surg 2024;14(1):640-652. "
            "doi:10.21037/qims-23-768</li>"
            "<li>Huber NR, Missert AD, Erickson BJ. Magician's Corner: 7. Using convolutional neural networks to "
            "reduce noise in medical images. Radiol Artif Intell 2020;2(5):e200036. "
            "doi:10.1148/ryai.2020200036</li>"
            "<li>Kim KH, Choi SH, Park SH. Improving arterial spin labeling by using deep learning. Radiology "
            "2018;287(2):658-666.</li>"
            "<li>Hiroshima University and Canon Medical Systems: deep learning reconstruction (DLR) and "
            "super-resolution DLR of CT.</li>"
            "</ul>"
        )
        slicer.app.connect("startupCompleted()", _onStartup)


def _onStartup():
    """Sample data, and the layouts that a scene saved with one of them needs before it is opened."""
    from CTDenoisePanel.sample_data import register_sample_data
    from CTDenoiseScene.layout_description import register_layouts

    register_sample_data()
    if slicer.app.layoutManager() is not None:
        register_layouts(slicer.app.layoutManager().layoutLogic().GetLayoutNode())


class CTDenoiseWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel, as Slicer calls it."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self.panel = None

    def setup(self):
        from CTDenoisePanel.dependencies import Dependencies
        from CTDenoisePanel.panel import Panel
        from CTDenoisePanel.slicer_headers import SlicerHeaders

        ScriptedLoadableModuleWidget.setup(self)
        self.logic = CTDenoiseLogic()
        root = slicer.util.loadUI(self.resourcePath("UI/CTDenoise.ui"))
        self.layout.addWidget(root)
        root.setMRMLScene(slicer.mrmlScene)
        self.panel = Panel(
            slicer.util.childWidgetVariables(root),
            scene=slicer.mrmlScene,
            client=self.logic.client,
            dependencies=Dependencies.of_this_extension(),
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
        self.panel.end_runs()
        self.panel.bind(None)

    def onSceneEndClose(self, caller, event):
        self.panel.bind(self.logic.getParameterNode())


class CTDenoiseLogic(ScriptedLoadableModuleLogic):
    """What the panel and scripts share: the parameters and the worker."""

    def __init__(self):
        from CTDenoiseLib.worker.client import WorkerClient
        from CTDenoisePanel.qprocess_transport import worker_transport

        ScriptedLoadableModuleLogic.__init__(self)
        self.client = WorkerClient(worker_transport)

    def parameters(self):
        """What the user chose, in the parameter node of the scene."""
        from CTDenoisePanel.parameters import Parameters

        return Parameters(self.getParameterNode())


class CTDenoiseTest(ScriptedLoadableModuleTest):
    """Self-test, run by Slicer's "Reload and Test" and by CTest; see CTDenoisePanel/self_tests.py."""

    def runTest(self):
        from CTDenoisePanel.self_tests import run_self_tests

        run_self_tests(self)

"""Slicer module CT Denoise: for now it lists the bundled models and what each was made for."""

from __future__ import annotations

import hashlib

import qt
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)


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
            "removed. Research use only: not a medical device, not for diagnosis."
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


class CTDenoiseWidget(ScriptedLoadableModuleWidget):
    """The panel."""

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        self.logic = CTDenoiseLogic()
        self.layout.addWidget(_paragraph(_("<b>Research use only.</b> Not a medical device, not for diagnosis.")))
        self.layout.addWidget(
            _paragraph(
                _(
                    "This panel lists the models that come with CTDenoise. Denoising itself runs for now through the "
                    "command line: <code>ctdenoise run INPUT OUTPUT</code>"
                )
            )
        )
        try:
            self.layout.addWidget(_modelTable(self.logic.bundledModels()))
        except ModuleNotFoundError as error:
            self.layout.addWidget(_paragraph(_missingPackage(error)))
        self.layout.addStretch(1)


class CTDenoiseLogic(ScriptedLoadableModuleLogic):
    """What the panel needs to know about models."""

    def bundledModels(self):
        """The models that come with CTDenoise, by name; torch is not needed for this.

        Raises:
            ModuleNotFoundError: A Python package that reading model cards needs is not part of this Slicer.
        """
        from CTDenoiseLib.models.store import ModelStore

        return [model for model in ModelStore.default().models() if model.bundled]

    @staticmethod
    def madeFor(card):
        """One line on the images a model was made for."""
        madeFor = card.made_for
        kernels = _("kernels {names}").format(names=", ".join(madeFor.kernels)) if madeFor.kernels else _("any kernel")
        return _("{modality}, {kernels}, pixels {pixel} mm, sections {thickness} mm, noise {noise} HU").format(
            modality=madeFor.modality,
            kernels=kernels,
            pixel=_range(madeFor.pixel_spacing_mm),
            thickness=_range(madeFor.section_thickness_mm),
            noise=_range(madeFor.noise_hu),
        )


def _range(limits):
    return "–".join(f"{limit:g}" for limit in limits)


def _paragraph(text):
    label = qt.QLabel(text)
    label.wordWrap = True
    return label


def _modelTable(models):
    table = qt.QTableWidget(len(models), 3)
    table.setHorizontalHeaderLabels([_("Model"), _("Version"), _("Made for")])
    table.verticalHeader().visible = False
    table.verticalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
    table.horizontalHeader().stretchLastSection = True
    table.editTriggers = qt.QAbstractItemView.NoEditTriggers
    for row, model in enumerate(models):
        card = model.card
        for column, text in enumerate((card.title, card.version, CTDenoiseLogic.madeFor(card))):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(card.description)
            table.setItem(row, column, item)
    table.resizeColumnToContents(0)
    return table


def _missingPackage(error):
    return _(
        "The models cannot be listed: this Slicer lacks the Python package {name}. Enter this in the Python "
        'console and restart Slicer: <code>slicer.util.pip_install("jsonschema platformdirs")</code>'
    ).format(name=error.name)


class CTDenoiseTest(ScriptedLoadableModuleTest):
    """Self-test, run by Slicer's "Reload and Test" and by CTest."""

    def runTest(self):
        self.setUp()
        try:
            self.models = CTDenoiseLogic().bundledModels()
        except ModuleNotFoundError as error:
            self.skipTest(_missingPackage(error))
        self.test_everyBundledModelSaysWhatItWasMadeFor()
        self.test_weightsAreTheOnesOfTheirCard()

    def test_everyBundledModelSaysWhatItWasMadeFor(self):
        self.assertTrue(self.models)
        for model in self.models:
            self.assertIn("CT", CTDenoiseLogic.madeFor(model.card))

    def test_weightsAreTheOnesOfTheirCard(self):
        for model in self.models:
            weights = model.card.weights
            content = (model.folder / weights.file).read_bytes()
            self.assertEqual(hashlib.sha256(content).hexdigest(), weights.sha256)

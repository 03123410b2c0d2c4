"""The panel of CT Denoise in the hands of a user, for tests on the stand-in for Slicer's Qt side."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import psutil
import slicer.util
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseScene.layout_description import PLOT_TAG, TABLE_TAG
from host.dialect import use_dialect

from .ct_series import anatomy
from .module_user import ModuleUser

use_dialect(__name__)

MODEL = "tiny"


class PanelUser(ModuleUser):
    """Does what a user does, and sees what he sees."""

    @property
    def client(self) -> Any:
        return self.loaded.widget.logic.client

    @property
    def output(self) -> Any:
        """The denoised volume in the scene, if there is one."""
        volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
        return next((node for node in volumes if node.GetAttribute("CTDenoise.strength")), None)

    @property
    def match(self) -> str:
        """What the badge says."""
        return str(self.ui.matchLabel.text)

    @property
    def message(self) -> str:
        """What the line below the button says; empty while it is hidden."""
        return self.said("denoiseMessageLabel")

    @property
    def export_message(self) -> str:
        """The same of the section Export."""
        return self.said("exportMessageLabel")

    @property
    def measure_message(self) -> str:
        """The same of the section Measure."""
        return self.said("measureMessageLabel")

    @property
    def audit_verdict(self) -> str:
        """What the badge of the audit says, with its reasons; empty while there is none."""
        return self.said("auditLabel")

    @property
    def audit_message(self) -> str:
        """What was said of an audit besides."""
        return self.said("auditMessageLabel")

    @property
    def profile_problem(self) -> str:
        """Why there is no profile, as far as the panel says so."""
        return self.said("profileProblemLabel")

    @property
    def roi_problem(self) -> str:
        """Why an ROI is not measured, as far as the panel says so."""
        return self.said("roiProblemLabel")

    @property
    def running(self) -> bool:
        return bool(self.ui.applyButton.text == "Cancel")

    def add_ct(
        self,
        *,
        sections: int = 9,
        side: int = 48,
        noise_hu: float = 20.0,
        spacing: tuple[float, float, float] = (1.0, 0.7, 0.7),
        name: str = "CT",
    ) -> Any:
        """Load a body section of soft tissue and bone."""
        few = anatomy((min(sections, 30), side, side), noise_hu=noise_hu).astype(np.int16)
        hu = np.resize(few, (sections, side, side))  # long volumes repeat themselves
        return self.host.parts.add_volume(hu, name=name, spacing=spacing)

    def open(self, *, main_window: bool = True, **parameters: Any) -> None:
        """Open the panel, with the tiny model unless the parameters name another."""
        self.loaded = self.load("CTDenoise", entered=False, main_window=main_window)
        self.set(**{"model": MODEL} | parameters)
        self.host.enter(self.loaded)
        self.settle()

    def wait_until_ready(self) -> None:
        """Wait until the worker has loaded the model, and the noise is measured."""
        self.spin(
            lambda: self.client.loaded and self.ui.deviceSelector.enabled and "Measuring" not in self.match, timeout=60
        )

    def apply(self) -> None:
        """Press the button."""
        self.ui.applyButton.click()
        self.spin(seconds=0.02)

    def start_long_run(self) -> None:
        """Have a volume denoised that takes a few seconds, until the first slices are done."""
        self.add_ct(sections=600, side=256)
        self.open()
        self.wait_until_ready()
        self.apply()
        self.spin(lambda: "left" in self.ui.progressLabel.text, timeout=30)

    def draw(self, button: str, *points: tuple[float, float, float]) -> Any:
        """Press a button that starts drawing, click points (RAS, mm) in a view, and return the node."""
        getattr(self.ui, button).click()
        logic = self.host.parts.application_logic
        node = slicer.mrmlScene.GetNodeByID(logic.GetSelectionNode().GetActivePlaceNodeID())
        for point in points:
            node.AddControlPointWorld(vtk.vtkVector3d(*point))
        logic.GetInteractionNode().SwitchToViewTransformMode()
        self.settle()
        return node

    def pick_line(self, node: Any) -> None:
        """Pick a line or curve in its selector, or none."""
        selector = self.ui.lineSelector
        selector.setCurrentNode(node)
        selector.comboBox().activated.emit(selector.comboBox().currentIndex)
        self.settle()

    @property
    def chart(self) -> Any:
        """The chart below the views; `None` while there is no such row, or none in it."""
        view = self._view(PLOT_TAG, "vtkMRMLPlotViewNode")
        return None if view is None else view.GetPlotChartNode()

    @property
    def curves(self) -> dict[str, NDArray[np.float64]]:
        """Values of the curves in the chart, by their names in the legend."""
        chart, found = self.chart, {}
        for number in range(chart.GetNumberOfPlotSeriesNodes() if chart is not None else 0):
            series = chart.GetNthPlotSeriesNode(number)
            column = series.GetTableNode().GetTable().GetColumnByName(series.GetYColumnName())
            found[series.GetName()] = vtk_to_numpy(column).copy()
        return found

    @property
    def table_node(self) -> Any:
        """The table below the views, likewise."""
        view = self._view(TABLE_TAG, "vtkMRMLTableViewNode")
        return None if view is None else view.GetTableNode()

    @property
    def table(self) -> list[list[str]]:
        """The cells of the table below the views, headings first; empty while there is none."""
        node = self.table_node
        if node is None:
            return []
        columns, table = range(node.GetNumberOfColumns()), node.GetTable()
        cells = [
            [table.GetValue(row, column).ToString() for column in columns] for row in range(node.GetNumberOfRows())
        ]
        return [[table.GetColumnName(column) for column in columns], *cells]

    def column(self, *words: str) -> dict[str, str]:
        """Cells of the one column of the table in whose heading these words are, by the first cell of their row."""
        headings, *rows = self.table
        (index,) = (index for index, heading in enumerate(headings) if all(word in heading for word in words))
        return {row[0]: row[index] for row in rows}

    def _view(self, tag: str, kind: str) -> Any:
        """A view of the layout that is shown."""
        shown = f'singletontag="{tag}"' in self.host.parts.layout_node.GetCurrentLayoutDescription()
        return slicer.mrmlScene.GetSingletonNode(tag, kind) if shown else None

    def wait_until_ended(self) -> None:
        """Wait until the button offers another run."""
        self.spin(lambda: not self.running, timeout=60)
        self.settle()

    def denoise(self, node: Any = None) -> Any:
        """Open the panel, have a volume denoised, a new one if none is given, and return its node."""
        node = node or self.add_ct()
        self.open(input_volume=node)
        self.wait_until_ready()
        self.apply()
        self.wait_until_ended()
        return node

    @property
    def processes(self) -> list[psutil.Process]:
        """What the panel has started and has not ended: its worker, or a launcher of that."""
        transports = import_module("CTDenoisePanel.qprocess_transport").running_transports()
        return [psutil.Process(transport._process.processId()) for transport in transports]

    @property
    def worker(self) -> psutil.Process:
        """The worker itself, once it is ready; what this program has started may be its launcher."""
        return psutil.Process(self.client._worker.process_id)

    def kill_worker(self) -> None:
        """What the system does when memory runs out."""
        self.worker.kill()

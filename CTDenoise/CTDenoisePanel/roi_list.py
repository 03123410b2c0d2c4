"""The list of ROIs, in which those are ticked that the charts are taken of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qt

if TYPE_CHECKING:
    from CTDenoiseScene.roi_tool import RoiTool

_MOST_ROWS = 6


class RoiList:
    """Shown while there are ROIs.

    Args:
        ui: Widgets of the panel.
        tool: Measures in the ROIs.
    """

    def __init__(self, ui: Any, tool: RoiTool) -> None:
        self._list = ui.roiList
        self._label = ui.roiListLabel
        self._tool = tool
        self._shown: list[tuple[str, str, bool]] = []
        self._list.itemChanged.connect(self._on_ticked)
        self._set_visible(False)

    def show(self) -> None:
        """List the ROIs as they are now; nothing happens if it is so already."""
        selected = self._tool.selected
        entries = [(node.GetID(), node.GetName(), node in selected) for node in self._tool.regions]
        if entries == self._shown:
            return
        self._shown = entries
        blocked = self._list.blockSignals(True)
        self._list.clear()
        for node_id, name, ticked in entries:
            item = qt.QListWidgetItem(name)
            item.setData(qt.Qt.UserRole, node_id)
            item.setCheckState(qt.Qt.Checked if ticked else qt.Qt.Unchecked)
            self._list.addItem(item)
        self._list.blockSignals(blocked)
        if entries:
            rows = min(len(entries), _MOST_ROWS)
            self._list.setFixedHeight(rows * self._list.sizeHintForRow(0) + 2 * self._list.frameWidth)
        self._set_visible(bool(entries))

    def _set_visible(self, visible: bool) -> None:
        self._label.setVisible(visible)
        self._list.setVisible(visible)

    def _on_ticked(self, *_args: object) -> None:
        items = [self._list.item(row) for row in range(self._list.count)]
        ticked = {item.data(qt.Qt.UserRole) for item in items if item.checkState() == qt.Qt.Checked}
        self._tool.selected = [node for node in self._tool.regions if node.GetID() in ticked]

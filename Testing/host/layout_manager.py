"""The views of the current layout."""

from __future__ import annotations

from typing import Any

from support.slicer_scene import SlicerScene


class SliceWidget:
    """Stands for `qMRMLSliceWidget`."""

    def __init__(self, logic: Any) -> None:
        self._logic = logic

    def sliceLogic(self) -> Any:
        return self._logic

    def mrmlSliceNode(self) -> Any:
        return self._logic.GetSliceNode()

    def mrmlSliceCompositeNode(self) -> Any:
        return self._logic.GetSliceCompositeNode()


class LayoutManager:
    """Stands for `qSlicerLayoutManager`; pictures of its views are rendered by `support.slice_views`."""

    def __init__(self, parts: SlicerScene) -> None:
        self._parts = parts

    @property
    def layout(self) -> int:
        return self._parts.layout_node.GetViewArrangement()

    @layout.setter
    def layout(self, arrangement: int) -> None:
        self.setLayout(arrangement)

    def setLayout(self, arrangement: int) -> None:
        self._parts.layout_node.SetViewArrangement(arrangement)

    def layoutLogic(self) -> Any:
        return self._parts.layout_logic

    def sliceViewNames(self) -> tuple[str, ...]:
        return tuple(logic.GetSliceNode().GetLayoutName() for logic in self._parts.application_logic.GetSliceLogics())

    def sliceWidget(self, name: str) -> SliceWidget | None:
        logic = self._parts.application_logic.GetSliceLogicByLayoutName(name)
        return SliceWidget(logic) if logic is not None else None

    def resetSliceViews(self) -> None:
        for logic in self._parts.application_logic.GetSliceLogics():
            logic.FitSliceToAll()

"""A section of a panel that opens and closes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QStyle, QStyleOptionButton, QStylePainter

QWIDGETSIZE_MAX = (1 << 24) - 1


class ctkCollapsibleButton(QAbstractButton):
    """Stands for `ctkCollapsibleButton`: a header with an arrow above the contents, which closing folds away."""

    contentsCollapsed = Signal(bool)

    def __init__(self, *text_and_parent: Any) -> None:
        super().__init__(text_and_parent[-1] if text_and_parent and not isinstance(text_and_parent[-1], str) else None)
        if text_and_parent and isinstance(text_and_parent[0], str):
            self.setText(text_and_parent[0])
        self.setCheckable(True)
        self.setChecked(True)
        self.setContentsMargins(0, self._header_height(), 0, 0)
        self.toggled.connect(self._fold)

    def _get_collapsed(self) -> bool:
        return not self.isChecked()

    def setCollapsed(self, collapsed: bool) -> None:
        self.setChecked(not collapsed)

    collapsed = Property(bool, _get_collapsed, setCollapsed)

    def hitButton(self, position: QPoint) -> bool:
        return position.y() < self._header_height()

    def minimumSizeHint(self) -> QSize:
        header = QSize(
            self.fontMetrics().horizontalAdvance(self.text()) + 2 * self._header_height(), self._header_height()
        )
        return header.expandedTo(super().minimumSizeHint())

    def paintEvent(self, _event: QPaintEvent) -> None:
        height = self._header_height()
        painter = QStylePainter(self)
        header = QStyleOptionButton()
        header.initFrom(self)
        header.rect = QRect(0, 0, self.width(), height)
        header.state |= QStyle.State_Raised
        painter.drawControl(QStyle.CE_PushButtonBevel, header)
        arrow = QStyleOptionButton(header)
        arrow.rect = QRect(height // 4, height // 4, height // 2, height // 2)
        painter.drawPrimitive(
            QStyle.PE_IndicatorArrowDown if self.isChecked() else QStyle.PE_IndicatorArrowRight, arrow
        )
        painter.drawText(header.rect.adjusted(height, 0, 0, 0), Qt.AlignVCenter | Qt.AlignLeft, self.text())

    def _header_height(self) -> int:
        return self.fontMetrics().height() + 8

    def _fold(self, is_open: bool) -> None:
        self.setMaximumHeight(QWIDGETSIZE_MAX if is_open else self._header_height())
        self.updateGeometry()
        self.contentsCollapsed.emit(not is_open)

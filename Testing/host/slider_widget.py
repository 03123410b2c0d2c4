"""A slider with a number field beside it."""

from __future__ import annotations

from PySide6.QtCore import Property, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget


class ctkSliderWidget(QWidget):
    """Stands for `ctkSliderWidget`.

    Without `tracking`, a drag emits `valueIsChanging` at each step and `valueChanged` on release, and `value` stays the
    old one until then.
    """

    valueChanged = Signal(float)
    valueIsChanging = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Horizontal)
        self._spin_box = QDoubleSpinBox()
        self._tracking = True
        self._before_drag: float | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._spin_box)
        self._page_step = 10 * self._spin_box.singleStep()
        self._fit_slider()
        self._slider.valueChanged.connect(self._follow_slider)
        self._slider.sliderPressed.connect(self._start_drag)
        self._slider.sliderReleased.connect(self._stop_drag)
        self._spin_box.valueChanged.connect(self._change)

    def slider(self) -> QSlider:
        return self._slider

    def spinBox(self) -> QDoubleSpinBox:
        return self._spin_box

    def _get_value(self) -> float:
        return self._spin_box.value() if self._before_drag is None else self._before_drag

    def setValue(self, value: float) -> None:
        before_drag, self._before_drag = self._before_drag, None
        self._spin_box.setValue(value)
        self._before_drag = before_drag

    def setRange(self, minimum: float, maximum: float) -> None:
        self._spin_box.setRange(minimum, maximum)
        self._fit_slider()

    def setMinimum(self, minimum: float) -> None:
        self._spin_box.setMinimum(minimum)
        self._fit_slider()

    def setMaximum(self, maximum: float) -> None:
        self._spin_box.setMaximum(maximum)
        self._fit_slider()

    def setSingleStep(self, step: float) -> None:
        self._spin_box.setSingleStep(step)
        self._fit_slider()

    def setPageStep(self, step: float) -> None:
        self._page_step = step
        self._fit_slider()

    def setDecimals(self, decimals: int) -> None:
        self._spin_box.setDecimals(decimals)
        self._fit_slider()

    def setTracking(self, tracking: bool) -> None:
        self._tracking = tracking

    value = Property(float, _get_value, setValue)
    minimum = Property(float, lambda self: self._spin_box.minimum(), setMinimum)
    maximum = Property(float, lambda self: self._spin_box.maximum(), setMaximum)
    singleStep = Property(float, lambda self: self._spin_box.singleStep(), setSingleStep)
    pageStep = Property(float, lambda self: self._page_step, setPageStep)
    decimals = Property(int, lambda self: self._spin_box.decimals(), setDecimals)
    suffix = Property(str, lambda self: self._spin_box.suffix(), lambda self, text: self._spin_box.setSuffix(text))
    tracking = Property(bool, lambda self: self._tracking, setTracking)

    def _change(self, value: float) -> None:
        self._show_in_slider()
        if not self._tracking:
            self.valueIsChanging.emit(value)
        if self._before_drag is None:
            self.valueChanged.emit(value)

    def _start_drag(self) -> None:
        if not self._tracking:
            self._before_drag = self._spin_box.value()

    def _stop_drag(self) -> None:
        before, self._before_drag = self._before_drag, None
        if before is not None and before != self._spin_box.value():
            self.valueChanged.emit(self._spin_box.value())

    def _follow_slider(self, step: int) -> None:
        self._spin_box.setValue(self._spin_box.minimum() + step * self._spin_box.singleStep())

    def _fit_slider(self) -> None:
        """The slider counts steps, so that it does not matter that it knows whole numbers only."""
        span = self._spin_box.maximum() - self._spin_box.minimum()
        self._slider.blockSignals(True)
        self._slider.setRange(0, min(round(span / self._spin_box.singleStep()), 2**31 - 1))
        self._slider.setPageStep(max(1, round(self._page_step / self._spin_box.singleStep())))
        self._slider.blockSignals(False)
        self._show_in_slider()

    def _show_in_slider(self) -> None:
        value = self._spin_box.value() - self._spin_box.minimum()
        self._slider.blockSignals(True)
        self._slider.setValue(round(value / self._spin_box.singleStep()))
        self._slider.blockSignals(False)

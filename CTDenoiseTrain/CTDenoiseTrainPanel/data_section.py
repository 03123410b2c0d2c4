"""The section Data: the volume, where pairs come from, and the volumes in their roles, of one patient or of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qt
import slicer
from slicer.i18n import tr as _

from CTDenoiseLib.signal import Signal
from CTDenoisePanel.choices import Choice, chosen_value, show_choices
from CTDenoisePanel.input_section import is_original
from CTDenoisePanel.measured_noise import MeasuredNoise
from CTDenoiseScene.volume_facts import NoImageError, volume_facts
from CTDenoiseTrainScene.case_volumes import CaseVolumes
from CTDenoiseTrainScene.propose import Proposal, propose_sources

from .data_choice import DataChoice, choose_data, propose_anew
from .kept_cases import KeptCases
from .sources import source_kinds

if TYPE_CHECKING:
    from CTDenoiseScene.headers import HeaderSource

    from .parameters import Parameters

_ROLES = ("noisy", "clean", "iterative")


class DataSection:
    """Shows what is chosen and what is proposed. Its selectors are bound to the parameters by the .ui file.

    Args:
        ui: Widgets of the panel.
        scene: Holds the volumes.
        headers: Their DICOM headers.

    Attributes:
        changed: Emits when the user chose something that no parameter bound in the .ui file holds.
        choice: What there is to train with.
    """

    def __init__(self, ui: Any, scene: slicer.vtkMRMLScene, headers: HeaderSource) -> None:
        self.changed: Signal[[]] = Signal()
        self._ui = ui
        self._scene = scene
        self._headers = headers
        self._measure = MeasuredNoise()
        self._kinds = source_kinds()
        self._parameters: Parameters | None = None
        self._kept: KeptCases | None = None
        self._found_for: slicer.vtkMRMLScalarVolumeNode | None = None
        self._proposals: tuple[Proposal, ...] = ()
        self.choice = self._choose()
        ui.sourceSelector.currentIndexChanged.connect(self._on_source)
        ui.repeatsList.itemChanged.connect(self._on_repeat)
        ui.casesList.currentRowChanged.connect(self._on_row)
        ui.addCaseButton.clicked.connect(self._on_add)
        ui.removeCaseButton.clicked.connect(self._on_remove)

    @property
    def selected_case(self) -> int:
        """The row of the patient that is selected among those that were added; -1 for none."""
        row = int(self._ui.casesList.currentRow)
        return row if 0 <= row < len(self.choice.kept) else -1

    def show(self, parameters: Parameters | None, *, look_again: bool) -> None:
        """Show the choice.

        Args:
            parameters: What the user chose.
            look_again: Whether volumes have come, gone or changed.
        """
        self._parameters = parameters
        self._kept = KeptCases(parameters.parameterNode) if parameters is not None else None
        volume = parameters.volume if parameters is not None else None
        if look_again or volume is not self._found_for:
            self._find(volume)
        self.choice = self._choose()
        self._show_source()
        self._show_volumes()
        self._show_cases()

    def noisy_one(self, volume: slicer.vtkMRMLScalarVolumeNode | None) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The volume that a model would denoise, where the given one is its clean companion; else the given one."""
        try:
            best = next(iter(self._propose(volume)), None) if volume is not None else None
        except NoImageError:
            return volume
        noisy = best.case.noisy if best is not None and best.case is not None else None
        return volume if noisy is None else noisy

    @property
    def kernel(self) -> str:
        """Kernel of the volume that the model is to denoise; empty if unknown."""
        case = self.choice.cases[-1] if self.choice.cases else CaseVolumes()
        node = next(case.nodes(), None)
        try:
            kernel = volume_facts(node, self._headers).kernel if node is not None else ()
        except NoImageError:
            return ""
        return kernel[0] if kernel else ""

    def _find(self, volume: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """Look what a volume can learn from."""
        self._found_for, self._proposals, text = volume, (), ""
        if volume is not None:
            try:
                sentence = volume_facts(volume, self._headers).sentence
                text = f"{sentence[:1].upper()}{sentence[1:]}."
                self._proposals = self._propose(volume)
            except NoImageError as error:
                text = str(error)
        self._ui.factsLabel.text = text
        self._ui.factsLabel.setVisible(bool(text))

    def _propose(self, volume: slicer.vtkMRMLScalarVolumeNode) -> tuple[Proposal, ...]:
        volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", self._scene)
        return propose_sources(volumes, self._headers, around=volume, measure=self._measure)

    def _choose(self) -> DataChoice:
        parameters, kept = self._parameters, self._kept
        chosen = {role: getattr(parameters, f"{role}_volume") for role in _ROLES} if parameters is not None else {}
        return choose_data(
            self._kinds,
            self._proposals,
            source=parameters.source if parameters is not None else "",
            volume=parameters.volume if parameters is not None else None,
            chosen=CaseVolumes(**chosen),
            repeats=kept.repeats if kept is not None else None,
            kept=kept.cases if kept is not None else (),
        )

    def _show_source(self) -> None:
        choice = self.choice
        source = self._parameters.source if self._parameters is not None else ""
        proposed = choice.has_volume and not source
        automatic = _("Automatic: {source}").format(source=choice.kind.title) if proposed else _("Automatic")
        apply = {(one.source, one.method) for one in self._proposals if one.applies}
        choices = [Choice("", automatic, _("What fits the loaded volumes best"))]
        for kind in self._kinds:
            loaded = (kind.source, kind.method) in apply
            text = _("{source} (found)").format(source=kind.title) if loaded else kind.title
            choices.append(Choice(kind.key, text, kind.sentence))
        show_choices(self._ui.sourceSelector, choices, source)
        self._ui.reasonLabel.text = choice.reason
        self._ui.reasonLabel.setVisible(bool(choice.reason))

    def _show_volumes(self) -> None:
        """A selector for each role that the source has, and a line on what “Automatic” stands for in them."""
        choice = self.choice
        for role in _ROLES:
            label, selector = getattr(self._ui, f"{role}Label"), getattr(self._ui, f"{role}Selector")
            # One that can only be the volume itself needs no selector.
            shown = role in choice.kind.roles and (len(choice.kind.roles) > 1 or choice.kind.repeats > 0)
            label.setVisible(shown)
            selector.setVisible(shown)
            if shown:
                label.text = f"{choice.kind.roles[role]}:"
        self._ui.repeatsLabel.setVisible(choice.kind.repeats > 0)
        self._ui.repeatsList.setVisible(choice.kind.repeats > 0)
        self._show_repeats()
        text = _automatic(choice) if choice.has_volume and len(choice.kind.roles) > 1 else ""
        self._ui.automaticLabel.text = text
        self._ui.automaticLabel.setVisible(bool(text))

    def _show_repeats(self) -> None:
        """Volumes that may be repeats, those that are with a tick; silently, and only where something has changed."""
        widget = self._ui.repeatsList
        nodes = filter(is_original, slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", self._scene))
        wanted = [(node.GetID(), node.GetName(), node in self.choice.case.repeats) for node in nodes]
        if wanted == [self._item(row) for row in range(widget.count)]:
            return
        blocked = widget.blockSignals(True)
        widget.clear()
        for row, (identifier, name, ticked) in enumerate(wanted):
            widget.addItem(name)
            item = widget.item(row)
            item.setData(qt.Qt.UserRole, identifier)
            item.setCheckState(qt.Qt.Checked if ticked else qt.Qt.Unchecked)
        widget.blockSignals(blocked)

    def _item(self, row: int) -> tuple[str, str, bool]:
        item = self._ui.repeatsList.item(row)
        return item.data(qt.Qt.UserRole), item.text(), item.checkState() == qt.Qt.Checked

    def _show_cases(self) -> None:
        """Patients that were added, and the one on show below them."""
        widget, choice = self._ui.casesList, self.choice
        several = bool(choice.kept)
        texts = [_case_line(case) for case in choice.cases]
        if choice.has_volume:
            texts[-1] = _("{line} (chosen above)").format(line=texts[-1])
        if texts != [widget.item(row).text() for row in range(widget.count)]:
            blocked = widget.blockSignals(True)
            widget.clear()
            widget.addItems(texts)
            widget.blockSignals(blocked)
        for shown_with_several in (self._ui.casesLabel, widget, self._ui.removeCaseButton):
            shown_with_several.setVisible(several)

    def _on_source(self, *_args: object) -> None:
        if self._parameters is not None:
            propose_anew(self._parameters)
            self._parameters.source = chosen_value(self._ui.sourceSelector)

    def _on_repeat(self, *_args: object) -> None:
        if self._kept is not None:
            items = map(self._item, range(self._ui.repeatsList.count))
            nodes = [self._scene.GetNodeByID(identifier) for identifier, _name, ticked in items if ticked]
            self._kept.repeats = [node for node in nodes if node is not None]
            self.changed.emit()

    def _on_row(self, *_args: object) -> None:
        self.changed.emit()

    def _on_add(self, *_args: object) -> None:
        """Keep the patient on show, and begin with another one of the same source."""
        parameters, kept = self._parameters, self._kept
        if parameters is None or kept is None or self.choice.problem_of_case:
            return
        source = self.choice.kind.key
        kept.add(self.choice.case)
        propose_anew(parameters)
        parameters.source, parameters.volume = source, None
        self.changed.emit()

    def _on_remove(self, *_args: object) -> None:
        if self._kept is not None and self.selected_case >= 0:
            self._kept.remove(self.selected_case)
            self.changed.emit()


def _automatic(choice: DataChoice) -> str:
    def name(node: Any) -> str:
        return _("none found") if node is None else _("“{name}”").format(name=node.GetName())

    roles = choice.kind.roles.items()
    parts = [f"{title[:1].lower()}{title[1:]} {name(getattr(choice.proposed, role))}" for role, title in roles]
    return _("Automatic: {volumes}.").format(volumes="; ".join(parts))


def _case_line(case: CaseVolumes) -> str:
    names = " + ".join(_("“{name}”").format(name=node.GetName()) for node in case.nodes())
    line = _("Patient {label}: {volumes}")
    return line.format(label=case.patient, volumes=names or _("volumes are missing"))

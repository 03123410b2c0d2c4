"""What a run will take, said before it is begun."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from CTDenoiseLib.signal import Signal

from .backend_choices import AUTO
from .parameters import Scope
from .progress_text import expected_line

if TYPE_CHECKING:
    from CTDenoiseLib.models.store import StoredModel
    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.messages import Estimated, ModelLoaded
    from CTDenoiseScene.volume_facts import VolumeFacts

    from .parameters import Parameters


@dataclass(frozen=True)
class _Question:
    """All that the cost of a section depends on."""

    loaded: ModelLoaded
    rows: int
    columns: int


class ExpectedTime:
    """Asks the worker once for each model, device and size of sections; says nothing while it does not know.

    Args:
        ui: Widgets of the panel.
        client: Of the worker.

    Attributes:
        changed: Emits when the worker has answered.
    """

    def __init__(self, ui: Any, client: WorkerClient) -> None:
        self.changed: Signal[[]] = Signal()
        self._label = ui.expectedLabel
        self._client = client
        self._asked: set[_Question] = set()
        self._answers: dict[_Question, Estimated] = {}

    def show(
        self, parameters: Parameters | None, model: StoredModel | None, facts: VolumeFacts | None, *, running: bool
    ) -> None:
        """Show what a run of these would take; nothing during a run, whose progress says it better.

        Args:
            parameters: What the user chose.
            model: The model to run.
            facts: Of the chosen volume.
            running: Whether a run is on.
        """
        loaded = self._client.loaded
        if loaded is None:
            # Of a worker that is no more there will be no answer.
            self.forget()
        text = ""
        if loaded and parameters and model and facts and not running and _is_chosen(loaded, parameters, model):
            estimated = self._ask(_Question(loaded, facts.rows, facts.columns))
            sections = facts.sections
            if parameters.scope is Scope.SLAB:
                sections = min(sections, parameters.slab_slices)
            text = expected_line(estimated, loaded, sections) if estimated else ""
        self._label.text = text
        self._label.setVisible(bool(text))

    def forget(self) -> None:
        """Ask again: a run has shown what it really takes, or there is another worker."""
        self._asked, self._answers = set(), {}

    def _ask(self, question: _Question) -> Estimated | None:
        if question not in self._asked:
            self._asked.add(question)
            self._client.estimate(question.rows, question.columns, partial(self._on_estimated, question))
        return self._answers.get(question)

    def _on_estimated(self, question: _Question, estimated: Estimated) -> None:
        self._answers[question] = estimated
        self.changed.emit()


def _is_chosen(loaded: ModelLoaded, parameters: Parameters, model: StoredModel) -> bool:
    """Whether the worker has loaded what the user chose, as far as he did not leave it to the worker."""
    return (
        loaded.weights_sha256 == model.card.weights.sha256
        and parameters.device in (AUTO, loaded.device)
        and parameters.precision in (AUTO, loaded.precision)
    )

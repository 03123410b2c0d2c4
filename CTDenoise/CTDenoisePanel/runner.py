"""The run that is on, and the strength of what runs have made: one object for both, because the slider serves both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.signal import Signal
from CTDenoiseScene.denoise_session import DenoiseSession, DenoiseSettings, SessionState
from CTDenoiseScene.match_gate import store_verdict
from CTDenoiseScene.strength import StrengthControl

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.matching import MatchVerdict
    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.messages import JobProgress
    from CTDenoiseScene.results import Results


class Runner:
    """Runs one session after the other.

    Args:
        scene: Holds the volumes.
        client: Of the worker.

    Attributes:
        state: Of the latest session; IDLE before the first.
        state_changed: Emits the state.
        progress: Emits how far the run is.
        note: Emits a sentence worth reading.
        failed: Emits the sentence that says why a run failed.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, client: WorkerClient) -> None:
        self.state = SessionState.IDLE
        self.state_changed: Signal[SessionState] = Signal()
        self.progress: Signal[JobProgress] = Signal()
        self.note: Signal[str] = Signal()
        self.failed: Signal[str] = Signal()
        self._scene = scene
        self._client = client
        self._session: DenoiseSession | None = None
        self._verdict: MatchVerdict | None = None
        self._control: StrengthControl | None = None
        self._controlled: Results | None = None

    @property
    def running(self) -> bool:
        """Whether a run is on."""
        return self.state in (SessionState.STARTING, SessionState.RUNNING, SessionState.CANCELLING)

    @property
    def results(self) -> Results | None:
        """What the run that is on makes."""
        return None if self._session is None else self._session.results

    def start(
        self,
        node: slicer.vtkMRMLScalarVolumeNode,
        settings: DenoiseSettings,
        *,
        verdict: MatchVerdict | None,
        visible: Iterable[int],
    ) -> None:
        """Denoise a volume.

        Args:
            node: The volume.
            settings: What the user chose.
            verdict: On model and volume, to be kept with the output.
            visible: Sections on screen, to be denoised first.
        """
        self.close()
        self._verdict = verdict
        session = self._session = DenoiseSession(self._scene, self._client, node, settings)
        session.progress.connect(self.progress.emit)
        session.note.connect(self.note.emit)
        session.failed.connect(self.failed.emit)
        session.state_changed.connect(self._on_state)
        session.start(visible)

    def cancel(self) -> None:
        """Stop; what is finished stays."""
        if self._session is not None and self.running:
            self._session.cancel()

    def prioritise(self, visible: Iterable[int]) -> None:
        """Say what is on screen now."""
        if self._session is not None:
            self._session.prioritise(visible)

    def why_no_strength(self, results: Results | None) -> str:
        """Why the strength of a result cannot be changed; empty if it can, or if there is nothing yet to change."""
        if results is None or self._is_of_session(results):
            return ""
        try:
            self._control_of(results)
        except CTDenoiseError as error:
            return str(error)
        return ""

    def preview_strength(self, results: Results | None, strength: float, visible: Iterable[int]) -> None:
        """Show a strength (0 to 1) in the sections on screen; without results, in those that are about to come.

        Raises:
            CTDenoiseError: It cannot be changed, mostly for the reason that `why_no_strength` gives.
        """
        if self._session is not None and self._is_of_session(results):
            self._session.preview_strength(strength)
        elif results is not None:
            self._control_of(results).preview(strength, visible)

    def apply_strength(self, results: Results | None, strength: float) -> None:
        """Ask for a strength (0 to 1) in all sections; `work` does it. Errors as for `preview_strength`."""
        if self._session is not None and self._is_of_session(results):
            self._session.apply_strength(strength)
        elif results is not None:
            self._control_of(results).apply(strength)

    def work(self, budget_seconds: float) -> bool:
        """Go on with the run and with the strength for a while; whether to be called again."""
        return self.settle(budget_seconds) or self.running

    def settle(self, budget_seconds: float) -> bool:
        """The same; whether anything is left to change now, as before a result is saved."""
        more = False
        if self._session is not None:
            more = self._session.work(budget_seconds)
            if not more and not self.running:
                self._close_session()
        if self._control is not None:
            try:
                more = self._control.work(budget_seconds) or more
            except CTDenoiseError as error:
                self._control = None
                self.failed.emit(str(error))
        return more

    def close(self) -> None:
        """Cancel and forget the run; volumes stay."""
        self._close_session()
        self._control = None

    def _is_of_session(self, results: Results | None) -> bool:
        mine = self.results
        return results is None or (mine is not None and mine.output is results.output)

    def _control_of(self, results: Results) -> StrengthControl:
        """The control of a result, kept as long as the same one is asked for."""
        if self._control is None or self._controlled != results:
            self._control = StrengthControl(results.output)
            self._controlled = results
        return self._control

    def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _on_state(self, state: SessionState) -> None:
        results = self.results
        if state is SessionState.RUNNING and results is not None and self._verdict is not None:
            store_verdict(results.output, self._verdict)
        self.state = state
        self.state_changed.emit(state)

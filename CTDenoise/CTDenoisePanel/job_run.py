"""The life of one job of the worker in the panel: it begins, shows its progress, ends, and is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from CTDenoiseLib.signal import Signal
from CTDenoiseScene.job_session import JobSession, JobSessionState

if TYPE_CHECKING:
    from .message_line import MessageLine

Session = TypeVar("Session", bound=JobSession)


class JobRun(Generic[Session]):
    """Runs one session after the other, with its progress in a bar and its sentences in a line.

    Args:
        progress_bar: Visible while a session is on.
        message: Gets what the session notes, and why it failed.

    Attributes:
        ended: Emits the session that has ended, in the state in which it ended, when it is on no more.
        changed: Emits when a session has begun, and after `ended`.
    """

    def __init__(self, progress_bar: Any, message: MessageLine) -> None:
        self.ended: Signal[[Session]] = Signal()
        self.changed: Signal[[]] = Signal()
        self._progress_bar = progress_bar
        self._message = message
        self._session: Session | None = None
        self._show_bar()

    @property
    def on(self) -> bool:
        """Whether a session is on."""
        return self._session is not None

    def start(self, session: Session) -> None:
        """Begin a session, while none is on; one that cannot begin has ended when this returns."""
        self._session = session
        session.note.connect(self._message.note)
        session.failed.connect(self._message.error)
        session.progress.connect(self._on_progress)
        session.state_changed.connect(self._on_state)
        self._show_bar()
        session.start()
        self.changed.emit()

    def work(self, budget_seconds: float) -> bool:
        """Go on with the session for a while; whether to be called again."""
        if self._session is not None:
            self._session.work(budget_seconds)
        # The session itself says "no more for now" while the worker is at it, but wants to be called at the next tick.
        return self.on

    def cancel(self) -> None:
        """Stop the session that is on; it ends when the worker has stopped."""
        if self._session is not None:
            self._session.cancel()

    def close(self) -> None:
        """Cancel the session that is on, without waiting for the worker."""
        if self._session is not None:
            self._session.close()

    def _on_progress(self, share: float) -> None:
        self._progress_bar.setValue(round(100 * share))

    def _on_state(self, state: JobSessionState) -> None:
        session = self._session
        if not state.ended or session is None:
            return
        # Before anybody is told: a listener may begin the next one, or let Qt handle events meanwhile.
        self._session = None
        self._show_bar()
        self.ended.emit(session)
        self.changed.emit()

    def _show_bar(self) -> None:
        self._progress_bar.setValue(0)
        self._progress_bar.setVisible(self.on)

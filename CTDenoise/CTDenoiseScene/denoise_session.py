"""One run of a model over a volume node: from the button to the last section, whatever happens to scene and worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.signal import Signal
from CTDenoiseLib.worker.messages import DenoiseDone, JobDone, JobProgress, ModelLoaded, SectionDone

from .input_sections import InputError, InputSections
from .mapped_volume import TemporaryFileError
from .output_sections import StrengthError
from .provenance import Provenance
from .result_nodes import Product, make_results, remove_results
from .results import Results
from .run_files import NOISE_STEP_HU, RunFiles
from .scene_guard import SceneGuard
from .section_flow import SectionFlow
from .session_settings import DenoiseSettings, SessionState
from .shared_workplace import shared_workplace
from .strength import StrengthControl, checked_strength

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.job import Job
    from CTDenoiseLib.worker.workplace import Workplace

__all__ = ["DenoiseSession", "DenoiseSettings", "SessionState"]

# The first section and its neighbours are copied at once: a worker that is ready need not wait for the timer.
_START_SECONDS = 0.01


class DenoiseSession:
    """Denoises one volume node and shows each section as it arrives.

    Everything happens in the caller's thread: in the methods, the client's signals and the events of the scene. Nothing
    raises because a node was deleted, the scene closed or the worker died: the session ends, with a sentence where
    something went wrong.

    Args:
        scene: Holds the input; gets output and noise.
        client: Of the worker; shared by sessions.
        input_node: One whole or real number in each voxel, in HU; may be under a parent transform.
        settings: What the user chose.
        workplace: Folder for the files of the run; by default one for this program, deleted when that ends.

    Attributes:
        state_changed: Emits the new `SessionState`.
        progress: Emits each `JobProgress` of the worker.
        section_shown: Emits the index of a section that the output now shows denoised.
        note: Emits a sentence worth reading, such as that memory runs short.
        failed: Emits the sentence that says why the session failed, once, before the state becomes FAILED.
        state: Where it stands.
        results: Output and noise, from RUNNING on; `None` before, when nothing was denoised, once the output is gone,
            and when closed.
        failure: The sentence that `failed` emitted; empty without.
        strength: Share of the noise that sections are shown without, 0 to 1.

    Example:
        ```
        session = DenoiseSession(scene, client, node, settings)
        session.start(visible_sections(node, slice_nodes))
        while session.work(0.01) or not session.state.ended:  # from a timer
            ...
        ```
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        client: WorkerClient,
        input_node: slicer.vtkMRMLScalarVolumeNode,
        settings: DenoiseSettings,
        *,
        workplace: Workplace | None = None,
    ) -> None:
        self.state_changed: Signal[SessionState] = Signal()
        self.progress: Signal[JobProgress] = Signal()
        self.section_shown: Signal[int] = Signal()
        self.note: Signal[str] = Signal()
        self.failed: Signal[str] = Signal()
        self.state = SessionState.IDLE
        self.results: Results | None = None
        self.failure = ""
        self.strength = settings.strength
        self._scene = scene
        self._client = client
        self._input: slicer.vtkMRMLScalarVolumeNode | None = input_node
        self._settings = settings
        self._workplace = workplace
        self._visible: tuple[int, ...] = ()
        self._files: RunFiles | None = None
        self._flow: SectionFlow | None = None
        self._control: StrengthControl | None = None
        self._job: Job | None = None
        self._ending: tuple[SessionState, str] | None = None
        self._guard = SceneGuard(scene, on_removed=self._on_removed, on_close=self._let_go)

    def start(self, visible: Iterable[int] = ()) -> None:
        """Start the worker where needed, load the model and denoise, the given sections first. A session starts once.

        An input that cannot be denoised ends in FAILED with the sentence; nothing is raised.
        """
        if self.state is not SessionState.IDLE:
            return
        self._visible = tuple(visible)
        try:
            checked_strength(self.strength)
            if self._input is None:
                raise InputError("The volume to denoise is not in the scene any more; choose another.")
            source = InputSections(self._input)
            sections = self._settings.sections_of(source.shape[0])
            files = RunFiles.create(source, self._workplace or shared_workplace())
        except CTDenoiseError as error:
            self._end(SessionState.FAILED, str(error))
            return
        flow = SectionFlow(files.feed, sections, self._visible)
        flow.shown.connect(self.section_shown.emit)
        self._files, self._flow = files, flow
        self._ask_worker(files, flow)
        self._change_state(SessionState.STARTING)
        # A worker that is ready begins as soon as the caller is back in its event loop; `work` does all else meanwhile.
        loaded = self._client.loaded
        self._attempt(lambda: flow.send_first(context=loaded.context if loaded else 0))

    def prioritise(self, visible: Iterable[int]) -> None:
        """Say what is on screen now: it comes next, and only its changes draw the views anew."""
        flow, before, self._visible = self._flow, self._visible, tuple(visible)
        if flow is not None and self._visible != before:
            self._attempt(lambda: flow.look_at(self._visible))

    def preview_strength(self, strength: float) -> None:
        """Show another strength in the visible sections now, and in those that arrive from now on.

        Raises:
            StrengthError: It is outside 0–1.
        """
        self.strength = checked_strength(strength)
        control = self._control
        if control is not None:
            self._attempt(lambda: control.preview(strength, self._visible))

    def apply_strength(self, strength: float) -> None:
        """Ask for another strength in all sections; `work` does the rest. Errors as for `preview_strength`."""
        self.strength = checked_strength(strength)
        control = self._control
        if control is not None:
            self._attempt(lambda: control.apply(strength))

    def cancel(self) -> None:
        """Stop; finished sections stay."""
        if self.state in (SessionState.STARTING, SessionState.RUNNING) and self._job is not None:
            self._change_state(SessionState.CANCELLING)
            self._job.cancel()

    def work(self, budget_seconds: float) -> bool:
        """Do what is waiting: feed the worker, show what has arrived, change the strength, blank what is not denoised.

        For a timer. It takes the budget and at most one section more.

        Returns:
            Whether there may be more to do at once, after the session has ended too. Otherwise, while it has not, to be
            called again at the next tick.
        """
        deadline = time.perf_counter() + budget_seconds
        self._client.tick()
        self._make_results()
        flow = self._flow
        if flow is None:
            return False
        while (more := self._attempt(flow.step)) and time.perf_counter() < deadline:
            pass
        self._end_when_shown()
        flow.settle(everything=not more and self.state.ended)
        return more

    def close(self) -> None:
        """Cancel if need be, and let go of scene, client and nodes; what was denoised stays in the scene."""
        self._guard.stop()
        self._remove_results_without_content()
        self._let_go()

    def _ask_worker(self, files: RunFiles, flow: SectionFlow) -> None:
        """Ask for the model and for the sections; the worker does one after the other."""
        settings = self._settings
        self._client.model_loaded.connect(self._on_model_loaded)
        self._client.load_model(settings.model_folder, settings.model_name, settings.device, settings.precision)
        job = self._client.denoise(files.request(settings, flow.order))
        job.section_done.connect(self._on_section_done)
        job.progress.connect(self.progress.emit)
        job.note.connect(self.note.emit)
        job.done.connect(self._on_done)
        job.cancelled.connect(lambda: self._on_job_ended(SessionState.CANCELLED))
        job.failed.connect(lambda sentence: self._on_job_ended(SessionState.FAILED, sentence))
        self._job = job
        flow.connect_worker(job)

    def _on_model_loaded(self, _loaded: ModelLoaded) -> None:
        self._make_results()

    def _make_results(self) -> None:
        """Make the nodes once the model is loaded: from now on there will be something to see."""
        files, flow, loaded = self._files, self._flow, self._client.loaded
        if self.state is not SessionState.STARTING or loaded is None or loaded.name != self._settings.model_name:
            return
        if files is None or flow is None or self._input is None:
            return
        self._files = None
        provenance = Provenance.of(loaded, noise_step_hu=NOISE_STEP_HU)
        product = Product(output=files.output, noise=files.noise, provenance=provenance, strength=self.strength)
        self.results = make_results(self._scene, self._input, product, replace=self._settings.replace)
        self._control = StrengthControl(self.results.output)
        flow.connect_output(self._control, context=loaded.context)
        self._attempt(self._control.blank_on_screen)
        self._change_state(SessionState.RUNNING)

    def _on_section_done(self, news: SectionDone) -> None:
        self._make_results()
        flow = self._flow
        if flow is not None:
            self._attempt(lambda: flow.arrive(news.section))

    def _on_done(self, news: JobDone) -> None:
        if isinstance(news, DenoiseDone) and news.clipped:
            most = np.iinfo(np.int16).max * NOISE_STEP_HU
            self.note.emit(
                f"In {news.clipped} voxels the noise found is beyond ±{most:.0f} HU and was clipped to that."
            )
        self._on_job_ended(SessionState.DONE)

    def _on_job_ended(self, state: SessionState, sentence: str = "") -> None:
        """The worker is finished with the job; the session is when all that has arrived is shown."""
        if self.state is SessionState.CANCELLING and state is SessionState.FAILED:
            # Such as because the file of a deleted node is gone.
            state, sentence = SessionState.CANCELLED, ""
        self._ending = self._ending or (state, sentence)
        if self._flow is not None:
            self._flow.disconnect_worker()
        self._end_when_shown()

    def _end_when_shown(self) -> None:
        flow, job = self._flow, self._job
        if self._ending is None or flow is None or flow.has_arrivals or job is None or not job.ended:
            return
        state, sentence = self._ending
        # What arrived after a node was deleted could not be shown.
        lost = state is SessionState.DONE and flow.done < flow.total
        self._end(SessionState.CANCELLED if lost else state, sentence)

    def _attempt(self, action: Callable[[], object]) -> bool:
        """Do something; if it fails, the run ends, and what was finished stays.

        Returns:
            Whether the action returned something true. `True` also if it failed: other things may be left to do.
        """
        try:
            return bool(action())
        except StrengthError:
            # The user has deleted a node.
            self.cancel()
        except CTDenoiseError as error:
            self._fail(error)
        return True

    def _fail(self, error: CTDenoiseError) -> None:
        if isinstance(error, TemporaryFileError):
            # The next section would fail like this one.
            self._lose_output()
        if self.state.ended:
            self.note.emit(str(error))
        elif self._ending is None and self._flow is not None and self._job is not None:
            self._ending = (SessionState.FAILED, str(error))
            self._flow.disconnect_worker()
            self._job.cancel()

    def _on_removed(self, node: object) -> None:
        """A node was deleted: without the input, the noise or the output there is nothing to go on for."""
        results = self.results
        if node is self._input:
            self._input = None
        elif results is None or (node is not results.output and node is not results.noise):
            return
        if results is not None:
            self.results = Results.of(results.output)
            if self.results is None:
                self._lose_output()
        if self._flow is not None:
            self._flow.disconnect_worker()
        self.cancel()

    def _lose_output(self) -> None:
        if self._control is not None:
            self._control.refresh(everything=True, new_range=True)
        self._control = None
        if self._flow is not None:
            self._flow.disconnect_output()

    def _let_go(self) -> None:
        """End at once, without waiting for the worker, and refer to no node any more."""
        if self._job is not None:
            self._job.progress.disconnect(self.progress.emit)
            self._job.note.disconnect(self.note.emit)
            self._job.cancel()
        self._lose_output()
        if self._flow is not None:
            self._flow.disconnect_worker()
        self.results = self._input = self._files = None
        if not self.state.ended:
            self._end(SessionState.CANCELLED, "")

    def _end(self, state: SessionState, sentence: str) -> None:
        if self.state.ended:
            return
        self._client.model_loaded.disconnect(self._on_model_loaded)
        self._files = None
        self._remove_results_without_content()
        self.failure = sentence
        if sentence:
            self.failed.emit(sentence)
        self._change_state(state)

    def _remove_results_without_content(self) -> None:
        results, flow = self.results, self._flow
        if results is not None and flow is not None and not flow.done:
            self.results = None
            self._lose_output()
            remove_results(self._scene, results)

    def _change_state(self, state: SessionState) -> None:
        self.state = state
        self.state_changed.emit(state)

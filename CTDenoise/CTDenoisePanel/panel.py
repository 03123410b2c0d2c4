"""The panel: its sections, what they share, and when they are brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer
import vtk
from slicer.i18n import tr as _

from CTDenoiseScene.audit_session import audit_obstacle
from CTDenoiseScene.comparison import ComparisonVolumes, Role
from CTDenoiseScene.comparison_layout import ComparisonLayout
from CTDenoiseScene.denoise_session import SessionState
from CTDenoiseScene.export import SaveReport, SaveSeries, SaveVolume, export_obstacle
from CTDenoiseScene.observers import Observers
from CTDenoiseScene.results import Results
from CTDenoiseScene.retention_session import retention_obstacle

from .audit_controls import AuditControls
from .backend_menu import BackendMenu
from .bound_parameters import BoundParameters
from .compare_section import CompareSection
from .controls import Controls
from .denoise_section import DenoiseSection
from .dependency_banner import DependencyBanner
from .exam import Exam
from .expected_time import ExpectedTime
from .export_section import ExportSection
from .fine_tune_link import FineTuneLink
from .heartbeat import Heartbeat
from .input_section import InputSection, sensible_input
from .measure_section import MeasureSection
from .model_menu import ModelMenu
from .parameters import Parameters, Scope
from .readiness import Facts, why_disabled
from .refresher import Refresher
from .retention_controls import RetentionControls
from .runner import Runner
from .strength_slider import StrengthSlider
from .views import Views

if TYPE_CHECKING:
    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.messages import DeviceInfo, ModelLoaded
    from CTDenoiseScene.headers import HeaderSource

    from .dependencies import Dependencies


class Panel:
    """Brings everything up to date, all at once, a moment after anything has changed.

    Args:
        ui: Widgets of the .ui file, by name.
        scene: Slicer's scene.
        client: Of the worker.
        dependencies: Python packages that denoising needs.
        headers: DICOM headers of the volumes.
    """

    def __init__(
        self,
        ui: Any,
        *,
        scene: slicer.vtkMRMLScene,
        client: WorkerClient,
        dependencies: Dependencies,
        headers: HeaderSource,
    ) -> None:
        self._scene = scene
        self._client = client
        self._headers = headers
        self._ui = ui
        self._refresher = Refresher(ui.CTDenoise, scene, self._refresh)
        self._bound = BoundParameters(ui, Parameters, self._refresher.ask)
        self._scene_observers = Observers()

        self._exam = Exam(scene, headers)
        self._runner = Runner(scene, client)
        layout_manager = slicer.app.layoutManager()  # `None` when Slicer runs without its main window
        layout_logic = layout_manager.layoutLogic() if layout_manager is not None else None
        self._views = Views(scene, layout_logic)
        self._layout = _comparison_layout(scene, layout_logic, headers)

        self._controls = Controls(ui)
        needed = _("Denoising needs Python packages that this Slicer lacks: {names}. Comparing volumes works without.")
        self._banner = DependencyBanner(ui, dependencies, text=needed)
        self._input = InputSection(ui)
        self._models = ModelMenu(ui)
        self._fine_tune = FineTuneLink(ui)
        self._backend = BackendMenu(ui)
        self._denoise = DenoiseSection(ui, self._exam, self._runner, self._views)
        self._expected = ExpectedTime(ui, client)
        self._strength = StrengthSlider(ui, self._runner, self._views)
        self._compare = CompareSection(ui, self._layout)
        self._measure = MeasureSection(ui, scene, headers, self._compare, self._layout)
        self._audit = AuditControls(ui, client, self._runner, headers)
        self._retention = RetentionControls(ui, client, self._runner, headers, self._views)
        self._export = ExportSection(ui, client, self._runner, headers)

        self._entered = False
        self._has_scrolled = False
        self._opens_comparison = False
        self._has_new_volumes = False
        self._loading: tuple[str, ...] = ()
        works = (
            *(self._follow_views, self._runner.work, self._denoise.measure),
            *(self._measure.work, self._audit.work, self._retention.work, self._export.work),
        )
        self._heartbeat = Heartbeat(ui.CTDenoise, *works)
        self._connect()
        self._look_at_packages()

    def bind(self, parameter_node: slicer.vtkMRMLScriptedModuleNode | None) -> None:
        """Show the parameters of a scene, none while there is no scene."""
        self._bound.bind(parameter_node)
        self._refresh()

    def enter(self) -> None:
        """The user opened the panel: choose a volume if none is chosen, and start the worker in advance."""
        self._entered = True
        self._loading = ()
        self._has_new_volumes = True
        self._look_at_packages()
        self._refresh()

    def leave(self) -> None:
        """The user went to another module; a run goes on."""
        self._entered = False

    def end_runs(self) -> None:
        """Cancel whatever is on, as before the scene is closed."""
        self._runner.close()
        self._audit.close()
        self._retention.close()
        self._export.close()
        self._exam.close()
        self._denoise.message.clear()

    def close(self) -> None:
        """End for good, and the worker too."""
        self.end_runs()
        self.bind(None)
        self._refresher.stop()
        self._heartbeat.stop()
        self._views.close()
        self._scene_observers.clear()
        self._measure.close()
        if self._layout is not None:
            self._layout.close()
        self._client.quit()

    def _connect(self) -> None:
        self._banner.installed.connect(self._look_at_packages)
        self._models.chosen.connect(self._on_model)
        self._backend.chosen.connect(self._on_backend)
        self._client.failed.connect(self._denoise.message.error)
        self._client.model_loaded.connect(self._on_model_loaded)
        self._runner.state_changed.connect(self._on_run)
        self._views.moved.connect(self._on_scrolled)
        self._measure.stale.connect(self._heartbeat.wake)
        for part in (self._exam, self._expected, self._measure, self._audit, self._retention, self._export):
            part.changed.connect(self._refresher.ask)
        if self._layout is not None:
            self._layout.changed.connect(self._refresher.ask)
        for event in (self._scene.NodeAddedEvent, self._scene.NodeRemovedEvent):
            self._scene_observers.add(self._scene, event, self._on_node)
        self._scene_observers.add(self._scene, self._scene.EndImportEvent, self._on_volumes)

    def _refresh(self) -> None:
        """Bring everything up to date."""
        parameters = self._bound.now
        if self._has_new_volumes and self._entered and parameters and parameters.input_volume is None:
            parameters.input_volume = self._propose_input()
        self._exam.choose(parameters.input_volume if parameters else None)
        if self._has_new_volumes:
            self._has_new_volumes = False
            self._exam.find()
        volumes = self._volumes()
        results = Results.of(volumes.denoised)
        self._models.show(parameters)
        self._fine_tune.show(self._exam.input, self._models.model)
        self._backend.show(parameters)
        self._input.show(self._exam)
        self._denoise.show(parameters, self._models.model)
        self._strength.show(results, parameters)
        self._compare.show(volumes, parameters)
        self._measure.show(volumes, parameters)
        self._audit.show(results)
        self._retention.show(results)
        self._export.show(results)
        self._controls.show(why_disabled(self._facts(volumes, results)))
        if self._opens_comparison and volumes.noise is not None:
            self._opens_comparison = False
            self._compare.open()
        self._load_model()
        # Not before: what is loaded may just have become the wrong model.
        self._expected.show(parameters, self._models.model, self._exam.facts, running=self._runner.running)
        self._heartbeat.wake()

    def _propose_input(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The volume on screen, or the sharper one of its study, because that is the noisy one."""
        self._exam.choose(sensible_input(self._scene, self._views.on_screen()))
        return self._exam.found.sharp or self._exam.input

    def _volumes(self) -> ComparisonVolumes:
        """What there is to compare: the user's choice, else what was found."""
        parameters, exam = self._bound.now, self._exam
        if parameters is None:
            return ComparisonVolumes()
        made = exam.results.output if exam.results else exam.found.denoised
        denoised = parameters.denoised_volume or made
        results = Results.of(denoised)
        return ComparisonVolumes(
            input=results.input if results and denoised is exam.input else exam.input,
            smooth=parameters.smooth_volume or exam.found.smooth,
            sharp=parameters.sharp_volume or exam.found.sharp,
            denoised=denoised,
            noise=results.noise if results else None,
        )

    def _facts(self, volumes: ComparisonVolumes, results: Results | None) -> Facts:
        exam, runner, output = self._exam, self._runner, results.output if results else None
        verdict = exam.verdict(self._models.model.card if self._models.model else None)
        return Facts(
            missing_packages=self._banner.missing,
            has_input=exam.facts is not None,
            model_problem=self._models.problem,
            refusal=verdict.objections[0].sentence if verdict and verdict.refused else "",
            can_train=self._fine_tune.there,
            knows_devices=bool(self._backend.devices),
            device_problem=self._backend.problem,
            is_slab=self._bound.now is not None and self._bound.now.scope is Scope.SLAB,
            running=runner.running,
            cancelling=runner.state is SessionState.CANCELLING,
            exporting=self._export.exporting,
            has_output=volumes.denoised is not None,
            strength_problem=runner.why_no_strength(results),
            companions=sum(volumes.of(role) is not None for role in (Role.SMOOTH, Role.SHARP, Role.DENOISED)),
            has_views=self._layout is not None,
            comparing=self._compare.active is not None,
            in_place=self._compare.shows_in_place,
            has_regions=self._measure.has_regions,
            shows_profile=self._measure.shows_profile,
            has_figures=self._measure.has_figures,
            auditing=self._audit.auditing,
            audit_obstacle=audit_obstacle(output),
            testing=self._retention.testing,
            retention_obstacle=retention_obstacle(output, self._client),
            series_obstacle=export_obstacle(output, SaveSeries, self._headers),
            volume_obstacle=export_obstacle(output, SaveVolume, self._headers),
            report_obstacle=export_obstacle(output, SaveReport, self._headers),
        )

    def _load_model(self) -> None:
        """Have the worker ready before the user presses the button."""
        model, parameters = self._models.model, self._bound.now
        if not self._entered or model is None or parameters is None or self._backend.problem or self._runner.running:
            return
        wanted = (str(model.folder), model.card.name, parameters.device, parameters.precision)
        # Once for each choice: a model that cannot be loaded is not tried again and again.
        if wanted != self._loading:
            self._loading = wanted
            self._client.list_devices(self._on_devices)
            self._client.load_model(*wanted)

    def _follow_views(self, _budget_seconds: float) -> bool:
        """Have the slices that were scrolled to denoised next."""
        if self._has_scrolled and self._runner.running:
            self._has_scrolled = False
            self._runner.prioritise(self._views.sections(self._exam.input))
        return False

    def _look_at_packages(self) -> None:
        self._banner.look()
        if not self._banner.missing:
            self._models.read_store()
        self._refresher.ask()

    def _on_model(self, name: str) -> None:
        if self._bound.now is not None:
            self._denoise.message.clear()
            self._bound.now.model = name

    def _on_backend(self, device: str, precision: str) -> None:
        if self._bound.now is not None:
            self._denoise.message.clear()
            self._bound.now.device, self._bound.now.precision = device, precision

    def _on_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        self._backend.devices = devices
        self._refresher.ask()

    def _on_model_loaded(self, loaded: ModelLoaded) -> None:
        self._backend.loaded = loaded
        self._refresher.ask()

    def _on_run(self, state: SessionState) -> None:
        if state in (SessionState.STARTING, SessionState.FAILED):
            self._opens_comparison = state is SessionState.STARTING
        if state.ended:
            self._expected.forget()
        self._on_volumes()

    def _on_scrolled(self) -> None:
        self._has_scrolled = True
        if self._runner.running:
            self._heartbeat.wake()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_node(self, _scene: Any, _event: str, node: Any) -> None:
        if node.IsA("vtkMRMLScalarVolumeNode"):
            self._on_volumes()

    def _on_volumes(self, *_args: object) -> None:
        self._has_new_volumes = True
        self._refresher.ask()


def _comparison_layout(
    scene: slicer.vtkMRMLScene, layout_logic: slicer.vtkMRMLLayoutLogic | None, headers: HeaderSource
) -> ComparisonLayout | None:
    """The layout of comparisons; `None` where there are no views."""
    if layout_logic is None:
        return None
    return ComparisonLayout(scene, slicer.app.applicationLogic(), layout_logic.GetLayoutNode(), headers=headers)

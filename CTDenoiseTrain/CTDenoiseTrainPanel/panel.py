"""The panel: its sections, what they share, and when they are brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer
import vtk
from slicer.i18n import tr as _

from CTDenoisePanel.backend_menu import BackendMenu
from CTDenoisePanel.bound_parameters import BoundParameters
from CTDenoisePanel.choices import Choice
from CTDenoisePanel.controls import Controls
from CTDenoisePanel.dependency_banner import DependencyBanner
from CTDenoisePanel.heartbeat import Heartbeat
from CTDenoisePanel.input_section import sensible_input
from CTDenoisePanel.model_menu import ModelMenu
from CTDenoisePanel.refresher import Refresher
from CTDenoisePanel.views import Views
from CTDenoiseScene.observers import Observers
from CTDenoiseTrainScene.training_layout import TrainingLayout
from CTDenoiseTrainScene.training_state import TrainingState

from .data_section import DataSection
from .kept_cases import KeptCases
from .model_names import proposed_name, proposed_title
from .parameters import Parameters
from .presets import fill_in, recipe_of
from .readiness import Facts, why_disabled
from .recipe_section import RecipeSection
from .result_section import ResultSection
from .train_section import TrainSection
from .training_runner import TrainingRunner
from .unfinished_runs import UnfinishedRuns
from .view_controls import ViewControls

if TYPE_CHECKING:
    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.messages import DeviceInfo
    from CTDenoisePanel.dependencies import Dependencies
    from CTDenoiseScene.headers import HeaderSource
    from CTDenoiseTrainLib.recipe.content import Recipe


class Panel:
    """Brings everything up to date, all at once, a moment after anything has changed.

    Args:
        ui: Widgets of the .ui file, by name.
        scene: Slicer's scene.
        client: Of the worker that trains.
        dependencies: Python packages that training needs.
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
        self._ui = ui
        self._scene = scene
        self._client = client
        self._refresher = Refresher(ui.CTDenoiseTrain, scene, self._refresh)
        self._bound = BoundParameters(ui, Parameters, self._refresher.ask)
        self._scene_observers = Observers()
        layout_manager = slicer.app.layoutManager()  # `None` when Slicer runs without its main window
        layout_logic = layout_manager.layoutLogic() if layout_manager is not None else None
        self._views = Views(scene, layout_logic)
        self._layout = _training_layout(scene, layout_logic)

        self._runner = TrainingRunner(scene, client, headers, self._layout)
        self._controls = Controls(ui)
        needed = _("Training needs Python packages that this Slicer lacks: {names}.")
        self._banner = DependencyBanner(ui, dependencies, text=needed)
        self._runs = UnfinishedRuns(ui, self._runner)
        self._data = DataSection(ui, scene, headers)
        self._models = ModelMenu(ui, nothing=Choice("", _("A new model"), _("Trained from the start")))
        self._recipe = RecipeSection(ui)
        self._backend = BackendMenu(ui)
        self._train = TrainSection(ui, self._runner)
        self._view_controls = ViewControls(ui, self._layout)
        self._result = ResultSection(ui, self._runner)

        self._entered = False
        self._has_new_volumes = True
        self._heartbeat = Heartbeat(ui.CTDenoiseTrain, self._runner.work)
        self._connect()
        self._look_at_packages()

    @property
    def missing_packages(self) -> str:
        """Names of Python packages that training lacks; empty when all are there."""
        return self._banner.missing

    def bind(self, parameter_node: slicer.vtkMRMLScriptedModuleNode | None) -> None:
        """Show the parameters of a scene, none while there is no scene."""
        self._has_new_volumes = True
        self._bound.bind(parameter_node)
        self._refresh()

    def enter(self) -> None:
        """The user opened the panel: propose what can be, and offer what was not finished."""
        self._entered = True
        self._has_new_volumes = True
        self._look_at_packages()
        if not self._banner.missing:
            self._runs.look()
            if not self._backend.devices:
                self._client.list_devices(self._on_devices)
        self._refresh()

    def leave(self) -> None:
        """The user went to another module; training goes on."""
        self._entered = False

    def close(self) -> None:
        """End for good, and the worker too; a training keeps its last checkpoint."""
        self._runner.close()
        self.bind(None)
        self._refresher.stop()
        self._heartbeat.stop()
        self._views.close()
        self._scene_observers.clear()
        if self._layout is not None:
            self._layout.close()
        self._client.quit()

    def _connect(self) -> None:
        self._banner.installed.connect(self._on_installed)
        self._models.chosen.connect(self._on_model)
        self._recipe.chosen.connect(self._on_preset)
        self._backend.chosen.connect(self._on_backend)
        self._client.failed.connect(self._train.message.error)
        self._train.look_wanted.connect(self._look)
        self._train.start_wanted.connect(self._start)
        self._runner.state_changed.connect(self._on_state)
        self._runner.data_seen.connect(self._on_data_seen)
        self._result.decided.connect(self._on_decided)
        self._runs.taken.connect(self._on_run_taken)
        self._data.changed.connect(self._refresher.ask)
        if self._layout is not None:
            self._layout.changed.connect(self._refresher.ask)
        for event in (self._scene.NodeAddedEvent, self._scene.NodeRemovedEvent):
            self._scene_observers.add(self._scene, event, self._on_node)
        self._scene_observers.add(self._scene, self._scene.EndImportEvent, self._on_volumes)

    def _refresh(self) -> None:
        """Bring everything up to date."""
        parameters = self._bound.now
        if self._has_new_volumes and self._entered and parameters is not None:
            self._propose_volume(parameters)
        look_again, self._has_new_volumes = self._has_new_volumes, False
        self._runs.show()
        self._data.show(parameters, look_again=look_again)
        self._models.show(parameters)
        self._recipe.show(parameters)
        self._backend.show(parameters)
        self._train.show()
        self._view_controls.show()
        self._ui.nameEdit.placeholderText, self._ui.titleEdit.placeholderText = self._proposed_names()
        self._result.show(parameters, self._models.models)
        self._controls.show(why_disabled(self._facts()))
        self._heartbeat.wake()

    def _propose_volume(self, parameters: Parameters) -> None:
        """Choose a volume if none is chosen, unless the user is about to choose one for another patient."""
        if parameters.volume is None and not KeptCases(parameters.parameterNode).cases:
            parameters.volume = self._data.noisy_one(sensible_input(self._scene, self._views.on_screen()))

    def _facts(self) -> Facts:
        runner, choice, run = self._runner, self._data.choice, self._runs.run
        session, outcome = runner.session, runner.outcome
        return Facts(
            missing_packages=self._banner.missing,
            has_volume=choice.has_volume,
            data_problem=choice.problem,
            case_problem=choice.problem_of_case,
            case_selected=self._data.selected_case >= 0,
            model_problem=self._models.problem,
            fine_tuning=self._models.model is not None,
            scales_noise=choice.kind.scales_noise,
            knows_devices=bool(self._backend.devices),
            device_problem=self._backend.problem,
            state=runner.state,
            begun=runner.begun,
            can_resume=session is not None and session.can_resume,
            can_keep=session is not None and session.can_keep,
            gained=outcome is None or outcome.best_epoch > 0,
            is_kept=bool(runner.kept_as),
            name_problem=self._result.name_problem,
            has_views=self._layout is not None,
            has_stages=self._layout is not None and bool(self._layout.stages),
            run_resumable=run is not None and run.resumable,
            run_has_result=run is not None and run.has_result,
        )

    def _look(self) -> None:
        if self._bound.now is not None:
            self._train.forget_look()
            self._runner.look(self._planned_recipe(self._bound.now), self._data.choice.cases)

    def _start(self) -> None:
        """Train; the model gets the name that is proposed if the user gave none."""
        parameters = self._bound.now
        if parameters is not None:
            recipe = self._planned_recipe(parameters)
            parameters.model_name, parameters.model_title = recipe.name, recipe.title
            self._runner.start(recipe, self._data.choice.cases)

    def _planned_recipe(self, parameters: Parameters) -> Recipe:
        """What the panel shows, as a recipe."""
        name, title = self._proposed_names()
        return recipe_of(
            parameters,
            self._data.choice,
            name=parameters.model_name or name,
            title=parameters.model_title or title,
        )

    def _proposed_names(self) -> tuple[str, str]:
        """A name and a title for the model to be."""
        parent = self._models.model.card if self._models.model is not None else None
        kernel, taken = self._data.kernel, [model.card.name for model in self._models.models]
        return proposed_name(parent, kernel, taken), proposed_title(parent, kernel)

    def _look_at_packages(self) -> None:
        self._banner.look()
        if not self._banner.missing:
            self._models.read_store()
        self._refresher.ask()

    def _on_installed(self) -> None:
        if self._entered:
            self.enter()

    def _on_model(self, name: str) -> None:
        if self._bound.now is not None:
            self._bound.now.model = name
            self._forget_name()

    def _on_preset(self, key: str) -> None:
        if self._bound.now is not None and key:
            fill_in(self._bound.now, key)

    def _on_backend(self, device: str, precision: str) -> None:
        if self._bound.now is not None:
            self._bound.now.device, self._bound.now.precision = device, precision

    def _on_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        self._backend.devices = devices
        self._refresher.ask()

    def _on_state(self, state: TrainingState) -> None:
        if state is TrainingState.TRAINING and self._layout is not None and not self._layout.active:
            self._layout.show()
        self._refresher.ask()

    def _on_data_seen(self, *_args: object) -> None:
        if self._layout is not None:
            self._layout.show()

    def _on_decided(self) -> None:
        """A training was kept, discarded or left: the store and the list of runs have changed."""
        self._models.read_store()
        self._runs.refresh()
        self._forget_name()
        self._refresher.ask()

    def _on_run_taken(self) -> None:
        """A run has names of its own."""
        session, parameters = self._runner.session, self._bound.now
        state = session.run_state if session is not None else None
        if parameters is not None and state is not None:
            parameters.model_name, parameters.model_title = state.name, state.title
        self._refresher.ask()

    def _forget_name(self) -> None:
        """The next model gets a name of its own."""
        if self._bound.now is not None and not self._runner.begun:
            self._bound.now.model_name = self._bound.now.model_title = ""

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_node(self, _scene: Any, _event: str, node: Any) -> None:
        if node.IsA("vtkMRMLScalarVolumeNode") and not node.GetHideFromEditors():
            self._on_volumes()

    def _on_volumes(self, *_args: object) -> None:
        self._has_new_volumes = True
        self._refresher.ask()


def _training_layout(
    scene: slicer.vtkMRMLScene, layout_logic: slicer.vtkMRMLLayoutLogic | None
) -> TrainingLayout | None:
    """The layout of trainings; `None` where there are no views."""
    if layout_logic is None:
        return None
    return TrainingLayout(scene, slicer.app.applicationLogic(), layout_logic.GetLayoutNode())

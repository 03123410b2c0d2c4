"""Where an experiment works: its folder, with finished stages that a second start finds again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.atomic import OutputExistsError, WriteFailedError, check_folder, file_in_the_making

from ..errors import TrainingError
from .experiment import Experiment, Scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from CTDenoiseLib.inference import Backend

CONFIGURATION_FILE = "configuration.json"
STAGES_FOLDER = "stages"
_MOST_NAMED = 3

Arrays = Mapping[str, NDArray[Any]]


class ExperimentError(TrainingError):
    """An experiment cannot be run or resumed."""


class Watcher(Protocol):
    """Whoever watches an experiment."""

    def step(self, name: str) -> None:
        """A stage begins."""

    def count(self, done: int, total: int) -> None:
        """How far the stage is."""

    def note(self, sentence: str) -> None:
        """What there is to know at once."""


class Workbench:
    """An experiment's folder.

    A stage is what takes long: simulated images, a trained network, measured figures. It is written when it is
    finished, and found again by its name when the same experiment is started again in the same folder.

    Attributes:
        folder: Of the experiment; figures (.png) are written here.
        scale: How large the experiment is.
        backend: Device and precision of training and inference.
        watcher: Told how far it is.
        data: Folder of real CT that the user names, if any.
    """

    def __init__(
        self, folder: Path, scale: Scale, *, backend: Backend, watcher: Watcher, data: Path | None = None
    ) -> None:
        self.folder, self.scale, self.backend, self.watcher, self.data = folder, scale, backend, watcher, data

    @classmethod
    def open(  # noqa: PLR0913 - what, where, how large, on what, and who watches
        cls,
        folder: Path,
        experiment: Experiment,
        scale: Scale,
        *,
        backend: Backend,
        watcher: Watcher,
        data: Path | None = None,
    ) -> Workbench:
        """Begin an experiment in a folder, or go on with the one that was begun there.

        Raises:
            ExperimentError: The folder holds something else, or an experiment of another configuration, or cannot be
                read.
            WriteFailedError: The disk is full or the place not writable.
        """
        configuration = {
            "experiment": experiment.name,
            "scale": scale.value,
            "configuration": asdict(experiment.configuration(scale)),  # type: ignore[call-overload]
            "precision": backend.precision,
        }
        # As it would be read: tuples become lists.
        wanted = json.loads(json.dumps(configuration))
        found = _begun(folder)
        if found is None:
            write_json(folder / CONFIGURATION_FILE, wanted)
        else:
            _check_same(found, wanted, folder)
        return cls(folder, scale, backend=backend, watcher=watcher, data=data)

    def figures(self, stage: str, measure: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """Figures ready for JSON, measured now if they are not there yet. NaN becomes null.

        Raises:
            ExperimentError: The file of the stage is damaged.
            WriteFailedError: The disk does not take it.
        """
        file = self.stage_file(stage, ".json")
        if not file.exists():
            self.watcher.step(stage)
            write_json(file, measure())
        return read_json(file)

    def arrays(self, stage: str, make: Callable[[], Arrays]) -> dict[str, NDArray[Any]]:
        """Arrays by name, such as simulated images, made now if they are not there yet.

        Raises:
            ExperimentError: The file of the stage is damaged.
            WriteFailedError: The disk does not take it.
        """
        file = self.stage_file(stage, ".npz")
        if not file.exists():
            self.watcher.step(stage)
            _write_arrays(file, make())
        try:
            with np.load(file, allow_pickle=False) as found:
                return {name: found[name] for name in found.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise damaged(file, error) from error

    def stage_file(self, stage: str, suffix: str) -> Path:
        """Where a stage is kept.

        Raises:
            WriteFailedError: The folder of the stages cannot be made.
        """
        folder = self.folder / STAGES_FOLDER
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise WriteFailedError(folder, error) from error
        return folder / f"{stage}{suffix}"

    def save_figure(self, name: str, figure: Figure) -> None:
        """Write a figure (.png) of the result, signed at the bottom, whole or not at all; an older one is replaced.

        Raises:
            WriteFailedError: The disk does not take it.
        """
        # Imported only now: matplotlib takes a second to come.
        from CTDenoiseLib.report.plot_page import rendered

        with file_in_the_making(self.folder / name, overwrite=True) as making:
            making.write_bytes(rendered(figure, making))


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write JSON, whole or not at all; an older file is replaced.

    Raises:
        WriteFailedError: The disk does not take it.
    """
    text = json.dumps(_without_nan(content), indent=2, ensure_ascii=False) + "\n"
    with file_in_the_making(file, overwrite=True) as making:
        making.write_text(text, encoding="utf-8")


def read_json(file: Path) -> dict[str, Any]:
    """The way back from `write_json`.

    Raises:
        ExperimentError: The file is damaged.
    """
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(file, error) from error
    return content


def damaged(file: Path, error: Exception) -> ExperimentError:
    """For a file of a stage that cannot be read."""
    return ExperimentError(f"“{file}” cannot be read ({error}); delete it, and the experiment will make it again.")


def _write_arrays(file: Path, arrays: Arrays) -> None:
    if any(np.asarray(array).dtype.hasobject for array in arrays.values()):
        # The argument of savez that forbids it came with numpy 2.1; before, it would be taken for an array.
        raise TypeError("Objects would be written as pickles.")
    with file_in_the_making(file) as making, making.open("wb") as opened:
        np.savez(opened, **dict[str, Any](arrays))


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _begun(folder: Path) -> Any:
    """The configuration of the experiment that was begun in a folder; `None` where there is nothing yet."""
    file = folder / CONFIGURATION_FILE
    try:
        if file.is_file():
            return json.loads(file.read_text(encoding="utf-8"))
        check_folder(folder)
    except ValueError as error:
        raise ExperimentError(f"“{file}” is damaged ({error}); name another folder, or empty this one.") from error
    except OutputExistsError as error:
        raise ExperimentError(
            f"“{folder}” is a file or holds something else; name a new or empty folder for the experiment."
        ) from error
    except OSError as error:
        raise ExperimentError(f"“{folder}” cannot be read ({error.strerror}); name another folder.") from error
    return None


def _check_same(found: Any, wanted: Mapping[str, Any], folder: Path) -> None:
    if found == wanted:
        return
    others = sorted(_differences(found if isinstance(found, Mapping) else {}, wanted))
    more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
    raise ExperimentError(
        f"“{folder}” holds an experiment that was begun otherwise (another {', '.join(others[:_MOST_NAMED])}{more}); "
        "name another folder, or empty it."
    )


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """Names of what differs, such as “configuration.training.epochs”."""
    for key in {*found, *wanted}:
        one, other = found.get(key), wanted.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from (f"{key}.{inner}" for inner in _differences(one, other))
        elif one != other:
            yield key

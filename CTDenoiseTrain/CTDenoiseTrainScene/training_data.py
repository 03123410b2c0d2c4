"""Volumes of the scene, copied into a run folder: what is in it is all that training needs, on any machine."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from CTDenoiseLib.atomic import WriteFailedError, file_in_the_making
from CTDenoiseLib.volume import Geometry
from CTDenoiseLib.volume_stream import section_writer
from CTDenoiseScene.input_sections import InputSections
from CTDenoiseScene.node_geometry import node_geometry
from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.recipe.content import CaseFiles, Recipe, SeriesFile
from CTDenoiseTrainLib.worker.messages import LookAtData

from .scan_acquisition import patient_hash, scan_acquisition

if TYPE_CHECKING:
    import slicer

    from CTDenoiseScene.headers import HeaderSource

    from .case_volumes import CaseVolumes

_FOLDER = "data"
# Not compressed: while it is written the views must stay alive, and noise hardly shrinks.
_SUFFIX = ".mha"
FACTS_SUFFIX = ".facts.json"
# Left for checkpoints, logs and what others write meanwhile.
_SPARE_BYTES = 2**29

# Of an image: VTK numbers all changes of a program, so that no two images share a number.
_Version: TypeAlias = tuple[int, Geometry]


@dataclass(frozen=True)
class _Copy:
    """A volume and its file to be, by its path in the run folder."""

    node: slicer.vtkMRMLScalarVolumeNode
    path: str

    @property
    def version(self) -> _Version:
        """What tells an image from the one the node had before, or has after a change."""
        image = self.node.GetImageData()
        return 0 if image is None else int(image.GetMTime()), node_geometry(self.node)


class TrainingData:
    """Recipe and images of one run folder.

    Beside each image lies a file `NAME.facts.json` with the fields of `CTDenoiseLib.volume.Acquisition` that the scene
    knows, and under "patient" a text that is the same for images of one patient.

    Args:
        folder: The run folder.
        headers: Where DICOM headers of the volumes are kept, if anywhere.

    Attributes:
        folder: The run folder.
    """

    def __init__(self, folder: Path, headers: HeaderSource | None) -> None:
        self.folder = folder
        self._headers = headers
        self._salt = secrets.token_bytes(16)
        self._copies: tuple[_Copy, ...] = ()
        self._written: dict[str, _Version] = {}

    def plan(self, recipe: Recipe, cases: Sequence[CaseVolumes]) -> Recipe:
        """The recipe that names the copies to be; nothing is written yet.

        Raises:
            RecipeError: It asks for something that is not possible, or volumes are missing.
            InputError: A node holds no image, or several values in each voxel.
        """
        from CTDenoiseTrainLib.recipe.check import check_recipe

        self._copies = tuple(_copies(cases))
        if cases:
            paths = {copy.node: copy.path for copy in self._copies}
            recipe = replace(recipe, data=replace(recipe.data, cases=tuple(_files(case, paths) for case in cases)))
        check_recipe(recipe)
        for copy in self._copies:
            InputSections(copy.node)
        return recipe

    def write(self, recipe: Recipe) -> Generator[float, None, None]:
        """Write a recipe that was planned, and copy its volumes that are not copied yet or have changed since.

        Yields:
            After each section, how much is done, from 0 to 1.

        Raises:
            CTDenoiseError: While iterating: the folder cannot be used, a volume was replaced, or the disk is full.
        """
        from CTDenoiseTrainLib.runs.run_folder import begin

        try:
            begin(self.folder, recipe, base=self.folder)
            wanted = [copy for copy in self._copies if not self._is_there(copy)]
            self._remove_others({copy.path for copy in self._copies} - {copy.path for copy in wanted})
            self._check_room(wanted)
            for number, copy in enumerate(wanted):
                version = copy.version
                with closing(self._copy(copy)) as sections:
                    for share in sections:
                        yield (number + share) / len(wanted)
                self._written[copy.path] = version
        finally:
            # Nothing here may keep images in memory that the user removes from the scene.
            self._copies = ()

    def look_request(self, patches: int) -> LookAtData:
        """Asks for a look at what was written, in an empty folder of the run.

        Args:
            patches: How many to draw.

        Raises:
            WriteFailedError: The folder cannot be made.
        """
        from CTDenoiseTrainLib.runs.run_folder import RunFolder

        run = RunFolder(self.folder)
        shutil.rmtree(run.look, ignore_errors=True)
        try:
            run.look.mkdir(exist_ok=True)
        except OSError as error:
            raise WriteFailedError(run.look, error) from error
        return LookAtData(recipe=str(run.recipe_file), folder=str(run.look), patches=patches)

    def needs(self, node: object) -> bool:
        """Whether a node is among the volumes that are to be copied."""
        return any(copy.node is node for copy in self._copies)

    def _is_there(self, copy: _Copy) -> bool:
        """Whether a volume was copied as it is now, and nobody has deleted its file."""
        return self._written.get(copy.path) == copy.version and (self.folder / copy.path).is_file()

    def _copy(self, copy: _Copy) -> Generator[float, None, None]:
        source, path = InputSections(copy.node), self.folder / copy.path
        # First the facts: an image that has some was written here, and may be removed here.
        self._write_facts(copy.node, _facts_of(path))
        geometry = node_geometry(copy.node)
        with section_writer(path, shape=source.shape, dtype=source.dtype, geometry=geometry) as write:
            for index in range(source.shape[0]):
                write(source.section(index))
                yield (index + 1) / source.shape[0]

    def _write_facts(self, node: slicer.vtkMRMLScalarVolumeNode, path: Path) -> None:
        facts = asdict(scan_acquisition(node, self._headers))
        facts["patient"] = patient_hash(node, self._headers, self._salt)
        with file_in_the_making(path) as making:
            making.write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")

    def _remove_others(self, kept: set[str]) -> None:
        """Remove images that were written here for an earlier choice, or only in part."""
        self._written = {path: version for path, version in self._written.items() if path in kept}
        for facts in (self.folder / _FOLDER).glob(f"*{FACTS_SUFFIX}"):
            name = facts.name.removesuffix(FACTS_SUFFIX) + _SUFFIX
            if f"{_FOLDER}/{name}" not in kept:
                with suppress(OSError):
                    facts.with_name(name).unlink(missing_ok=True)
                    facts.unlink()

    def _check_room(self, copies: Sequence[_Copy]) -> None:
        needed = sum(_bytes(InputSections(copy.node)) for copy in copies) + _SPARE_BYTES
        free = shutil.disk_usage(self.folder).free
        if copies and needed > free:
            raise DataError(
                f"The disk of the run folder “{self.folder}” has {free / 2**30:.1f} GiB left, and "
                f"{needed / 2**30:.1f} GiB are needed for copies of the volumes; make room, or choose another folder."
            )


def _copies(cases: Sequence[CaseVolumes]) -> Iterator[_Copy]:
    """Each volume once, named by its role in the first case that it is in."""
    seen: set[slicer.vtkMRMLScalarVolumeNode] = set()
    for number, case in enumerate(cases, start=1):
        repeats = ((f"repeat{place}", node) for place, node in enumerate(case.repeats, start=1))
        roles = (("noisy", case.noisy), ("clean", case.clean), ("iterative", case.iterative), *repeats)
        for role, node in roles:
            if node is not None and node not in seen:
                seen.add(node)
                yield _Copy(node, f"{_FOLDER}/{number}-{role}{_SUFFIX}")


def _files(case: CaseVolumes, paths: dict[slicer.vtkMRMLScalarVolumeNode, str]) -> CaseFiles:
    def file(node: slicer.vtkMRMLScalarVolumeNode | None) -> SeriesFile | None:
        return None if node is None else SeriesFile(path=paths[node])

    return CaseFiles(
        patient=case.patient,
        noisy=file(case.noisy),
        clean=file(case.clean),
        iterative=file(case.iterative),
        repeats=tuple(SeriesFile(path=paths[node]) for node in case.repeats),
    )


def _facts_of(image: Path) -> Path:
    return image.with_name(image.name.removesuffix(_SUFFIX) + FACTS_SUFFIX)


def _bytes(source: InputSections) -> int:
    sections, rows, columns = source.shape
    return int(sections * rows * columns * source.dtype.itemsize)

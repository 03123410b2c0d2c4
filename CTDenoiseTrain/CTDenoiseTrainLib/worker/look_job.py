"""Job: show what there is to train with, before anything is trained."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from numpy.typing import ArrayLike

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.volume import Geometry, Vector
from CTDenoiseLib.worker.job_desk import JobDesk

from ..pairs.batch import Batch
from ..pairs.source_case import SourceCase
from ..pairs.split import CasePart
from ..recipe.toml_file import read_recipe
from ..runs.prepare import Prepared, prepare
from ..runs.run_folder import HALF_WRITTEN
from ..training.distributed import own_device
from .desk_observer import DeskObserver
from .messages import DataSeen, LookAtData, SeenVolume
from .view_file import write_view_file

# More would take longer to make than anybody looks at them.
_MOST_SECTIONS = 16


def run(request: LookAtData, desk: JobDesk) -> DataSeen:
    """Open the images and show some of them.

    Raises:
        TrainingError: The recipe is not valid, or its images cannot be trained with.
        UnknownModelError: There is no such model to fine-tune.
        CTDenoiseError: A series cannot be found or read, or the disk is full.
        Cancelled: The client has asked to end the job.
    """
    recipe_file, folder = Path(request.recipe), Path(request.folder)
    recipe = read_recipe(recipe_file)
    # Images beyond the memory budget are of no use to the training that may follow, which opens them anew.
    with tempfile.TemporaryDirectory(dir=folder, prefix=HALF_WRITTEN, ignore_cleanup_errors=True) as cache:
        prepared = prepare(
            recipe,
            Backend.choose(own_device(recipe.training.device), recipe.training.precision),
            base=recipe_file.parent,
            cache=Path(cache),
            on_note=DeskObserver(desk).on_note,
            check=desk.check_cancelled,
        )
        return _seen(prepared, request.patches, folder, desk)


def _seen(prepared: Prepared, patches: int, folder: Path, desk: JobDesk) -> DataSeen:
    shown = prepared.data.cases[0]
    return DataSeen(
        job=desk.job,
        volumes=_case_volumes(shown, folder, desk.check_cancelled),
        patches=_patch_volumes(prepared.batches.draw(range(patches)), shown.spacing, folder),
        facts=prepared.data.facts,
        warnings=prepared.data.warnings,
        training_sections=_sections(prepared.training),
        validation_sections=_sections(prepared.split.validation),
        split=prepared.split.sentence,
    )


def _sections(parts: tuple[CasePart, ...]) -> int:
    return sum(len(part.sections) for part in parts)


def _case_volumes(case: SourceCase, folder: Path, check: Callable[[], None]) -> tuple[SeenVolume, ...]:
    """Sections from the middle of a case, where they lie in the patient."""
    count = min(_MOST_SECTIONS, case.shape[0])
    first = (case.shape[0] - count) // 2
    noisy, noise, targets = [], [], []
    for section in range(first, first + count):
        check()
        whole = case.whole(section, context=0)
        noisy.append(whole.sections[0])
        noise.append(case.noise(section))
        if whole.target is not None:
            targets.append(whole.target)
    geometry = _geometry_from(case.geometry, first)
    volumes = [
        _write(folder / "input.npy", noisy, "input", f"Noisy input, {case.name}", geometry),
        _write(folder / "noise.npy", noise, "noise", f"Noise, {case.name}", geometry),
    ]
    if targets:
        volumes.insert(1, _write(folder / "target.npy", targets, "target", f"Target, {case.name}", geometry))
    return tuple(volumes)


def _geometry_from(geometry: Geometry, first: int) -> Geometry:
    """Where the sections from `first` on lie."""
    along_z, step = geometry.direction[0], first * geometry.spacing[0]
    x, y, z = (start + step * direction for start, direction in zip(geometry.origin, along_z, strict=True))
    return replace(geometry, origin=(x, y, z))


def _patch_volumes(batch: Batch, spacing: Vector, folder: Path) -> tuple[SeenVolume, ...]:
    """The first patches of the training, one a section."""
    centre = batch.sections.shape[1] // 2
    noisy, noise = batch.sections[:, centre].numpy(), batch.noise[:, 0].numpy()
    geometry = Geometry(spacing=spacing)
    return (
        _write(folder / "patches_input.npy", noisy, "input", "Patches: noisy input", geometry),
        _write(folder / "patches_target.npy", noisy - noise, "target", "Patches: target", geometry),
        _write(folder / "patches_noise.npy", noise, "noise", "Patches: noise", geometry),
    )


def _write(path: Path, sections: ArrayLike, role: str, title: str, geometry: Geometry) -> SeenVolume:
    return SeenVolume(
        file=write_view_file(path, sections),
        role=role,
        title=title,
        spacing=geometry.spacing,
        origin=geometry.origin,
        direction=geometry.direction,
    )

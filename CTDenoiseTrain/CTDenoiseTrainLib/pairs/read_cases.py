"""Read the series that a recipe names, from DICOM files or volume files, with whose they are as far as it is known."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.dicom.series import Series
from CTDenoiseLib.volume import Acquisition, Volume
from CTDenoiseLib.volume_files import VOLUME_SUFFIXES, in_memory, is_volume_file, read_volume

from ..errors import DataError, RecipeError
from ..noise.match_series import Subject
from ..recipe.content import CaseFiles, SeriesFile
from .patient_labels import PatientLabels
from .volume_cache import mapped


@dataclass(frozen=True)
class ReadSeries:
    """A series of a case.

    Attributes:
        volume: Its values.
        subject: Whose it is: hashes, never names or UIDs.
        label: For messages, such as "noisy of patient A".
    """

    volume: Volume
    subject: Subject
    label: str


class CaseReader:
    """Reads the series of a recipe's cases.

    Attributes:
        labels: Whose images were read.
    """

    def __init__(
        self, base: Path, *, scratch: Path, memory_gb: float, on_note: Callable[[str], object] = lambda sentence: None
    ) -> None:
        """Prepare.

        Args:
            base: Folder that relative paths start from.
            scratch: An existing folder for series that are too large for memory; its files may go when the volumes are
                no longer used.
            memory_gb: Series are too large if those that a case needs at once would take more than this together.
            on_note: Told what is being read. What it raises ends the reading.
        """
        self._base = base
        self._scratch = scratch
        self._memory = memory_gb * 1e9
        self._on_note = on_note
        self.labels = PatientLabels()

    def role(self, case: CaseFiles, role: str) -> ReadSeries:
        """Read the series that a case has in a role.

        Args:
            case: The case.
            role: "noisy", "clean" or "iterative".

        Raises:
            RecipeError: The case has none, or another patient of the recipe has the same images or study.
            DataError: All its values are equal.
            CTDenoiseError: It cannot be found or read.
        """
        file: SeriesFile | None = getattr(case, role)
        if file is None:
            raise RecipeError(
                f"Patient {case.patient} has no “{role}” series, which this source of pairs needs; name one."
            )
        read = self.read(file, f"{role} of patient {case.patient}")
        self._check_label(case, file, read)
        return read

    def repeats(self, case: CaseFiles, *, fewest: int, shared: bool = False) -> tuple[ReadSeries, ...]:
        """Read the repeats of a case.

        Args:
            case: The case.
            fewest: How many are needed.
            shared: Whether other patients may have the same, as scans of a phantom.

        Raises:
            RecipeError: There are fewer than `fewest`, or another patient has the same images or study.
            DataError: All values of one are equal.
            CTDenoiseError: One cannot be found or read.
        """
        if len(case.repeats) < fewest:
            raise RecipeError(
                f"Patient {case.patient} has {len(case.repeats)} repeats, and this source of pairs needs {fewest} or "
                "more; name them."
            )
        read = []
        for number, file in enumerate(case.repeats, start=1):
            read.append(self.read(file, f"repeat {number} of patient {case.patient}", at_once=len(case.repeats)))
            if not shared:
                self._check_label(case, file, read[-1])
        return tuple(read)

    def read(self, file: SeriesFile, label: str, *, at_once: int = 2) -> ReadSeries:
        """Read a series.

        Args:
            file: Where it lies.
            label: For messages, such as "noisy of patient A".
            at_once: How many such series are needed at once.

        Raises:
            DataError: All its values are equal.
            CTDenoiseError: It cannot be found or read.
        """
        path = self._base / file.path
        self._on_note(f"Reading {label}…")
        most_bytes = self._memory / at_once
        if is_volume_file(path):
            read = self._from_volume_file(path, label, most_bytes)
        else:
            read = self._from_dicom(path, file.series, label, most_bytes)
        _check_varies(read)
        return read

    def _check_label(self, case: CaseFiles, file: SeriesFile, read: ReadSeries) -> None:
        self.labels.check(case.patient, read.subject, self._base / file.path)

    def _from_dicom(self, path: Path, wanted: str | None, label: str, most_bytes: float) -> ReadSeries:
        """A series of a folder, or a single image if a file is named."""
        series = choose_series(find_series(path), wanted)
        large = 4 * len(series.slices) * series.rows * series.columns > most_bytes
        memory_map = self._scratch / f"{secrets.token_hex(6)}.npy" if large else None
        return ReadSeries(read_series(series, memory_map=memory_map), _subject(series), label)

    def _from_volume_file(self, path: Path, label: str, most_bytes: float) -> ReadSeries:
        def room(shape: tuple[int, int, int]) -> NDArray[np.float32]:
            large = 4 * prod(shape) > most_bytes
            return mapped(self._scratch, shape, np.float32) if large else in_memory(shape)

        return _with_facts(path, read_volume(path, room=room), label)


def _with_facts(path: Path, volume: Volume, label: str) -> ReadSeries:
    facts = _facts_beside(path)
    patient = facts.get("patient")
    subject = Subject(patient=_hash("scene", str(patient)) if patient else None)
    known = {field.name: facts[field.name] for field in fields(Acquisition) if facts.get(field.name) is not None}
    if "kernel" in known:
        known["kernel"] = tuple(known["kernel"])
    return ReadSeries(replace(volume, acquisition=replace(volume.acquisition, **known)), subject, label)


def _facts_beside(path: Path) -> dict[str, Any]:
    """What `NAME.facts.json` beside a volume file says of it: the fields of `Acquisition`, and "patient"."""
    suffix = max((suffix for suffix in VOLUME_SUFFIXES if path.name.lower().endswith(suffix)), key=len)
    file = path.with_name(path.name[: -len(suffix)] + ".facts.json")
    if not file.exists():
        return {}
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file} is damaged; remove it or make the volume and its facts again.") from error
    if not isinstance(facts, dict):
        raise DataError(f"{file} does not hold names and values; remove it or make the volume and its facts again.")
    return facts


def _subject(series: Series) -> Subject:
    header = pydicom.dcmread(series.slices[0].path, force=True, stop_before_pixels=True, specific_tags=["PatientID"])
    patient, frame = str(header.get("PatientID") or ""), series.frame_of_reference_uid
    return Subject(
        patient=_hash("header", patient) if patient else None,
        study=_hash("study", series.study_uid) if series.study_uid else None,
        frame_of_reference=_hash("frame", frame) if frame else None,
    )


def _hash(kind: str, text: str) -> str:
    """A text that tells equal from different and nothing else, and the kind before it: see `comparable`."""
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}"


def comparable(first: Subject, second: Subject) -> tuple[Subject, Subject]:
    """The two without their patients where these come from different kinds of files and cannot be compared."""
    kinds = {subject.patient.partition(":")[0] for subject in (first, second) if subject.patient is not None}
    if len(kinds) < 2:
        return first, second
    return replace(first, patient=None), replace(second, patient=None)


def _check_varies(read: ReadSeries) -> None:
    first = read.volume.hu.flat[0]
    if all(np.all(section == first) for section in read.volume.hu):
        raise DataError(f"All values of {read.label} are {first:g}: it shows nothing; give another series.")

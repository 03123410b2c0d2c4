"""Read the series that a recipe names, from DICOM files or volume files, with whose they are as far as it is known."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.dicom.series import Series
from CTDenoiseLib.volume import Acquisition, Volume
from CTDenoiseLib.volume_files import VOLUME_SUFFIXES, is_volume_file, read_volume

from ..errors import DataError, RecipeError
from ..noise.match_series import Subject
from ..recipe.content import CaseFiles, SeriesFile


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
    """Reads the series of a recipe's cases."""

    def __init__(
        self, base: Path, *, scratch: Path, memory_gb: float, on_note: Callable[[str], object] = lambda sentence: None
    ) -> None:
        """Prepare.

        Args:
            base: Folder that relative paths start from.
            scratch: An existing folder for DICOM series that are too large for memory while they are read; its files
                may go when the volumes are no longer used.
            memory_gb: Series larger than half of this are too large.
            on_note: Told what is being read. What it raises ends the reading.
        """
        self._base = base
        self._scratch = scratch
        self._most_bytes = memory_gb * 1e9 / 2
        self._on_note = on_note
        self._patients: dict[str, str] = {}

    def role(self, case: CaseFiles, role: str) -> ReadSeries:
        """Read the series that a case has in a role.

        Args:
            case: The case.
            role: "noisy", "clean" or "iterative".

        Raises:
            RecipeError: The case has none, or another patient of the recipe has images of the same study.
            DataError: All its values are equal.
            CTDenoiseError: It cannot be found or read.
        """
        file: SeriesFile | None = getattr(case, role)
        if file is None:
            raise RecipeError(
                f"Patient {case.patient} has no “{role}” series, which this source of pairs needs; name one."
            )
        read = self.read(file, f"{role} of patient {case.patient}")
        self._check_patient(read.subject, case.patient)
        return read

    def repeats(self, case: CaseFiles, *, fewest: int) -> tuple[ReadSeries, ...]:
        """Read the repeats of a case.

        Raises:
            RecipeError: There are fewer than `fewest`.
            DataError: All values of one are equal.
            CTDenoiseError: One cannot be found or read.
        """
        if len(case.repeats) < fewest:
            raise RecipeError(
                f"Patient {case.patient} has {len(case.repeats)} repeats, and this source of pairs needs {fewest} or "
                "more; name them."
            )
        return tuple(
            self.read(file, f"repeat {number} of patient {case.patient}")
            for number, file in enumerate(case.repeats, start=1)
        )

    def read(self, file: SeriesFile, label: str) -> ReadSeries:
        """Read a series.

        Args:
            file: Where it lies.
            label: For messages, such as "noisy of patient A".

        Raises:
            DataError: All its values are equal.
            CTDenoiseError: It cannot be found or read.
        """
        path = self._base / file.path
        self._on_note(f"Reading {label}.")
        read = _from_volume_file(path, label) if is_volume_file(path) else self._from_dicom(path, file.series, label)
        _check_varies(read)
        return read

    def _check_patient(self, subject: Subject, patient: str) -> None:
        if subject.study is None:
            return
        other = self._patients.setdefault(subject.study, patient)
        if other != patient:
            raise RecipeError(
                f"Patients {other} and {patient} have images of one and the same study; name them alike, so that what "
                "is held out for validation is of another patient."
            )

    def _from_dicom(self, path: Path, wanted: str | None, label: str) -> ReadSeries:
        """A series of a folder, or a single image if a file is named."""
        series = choose_series(find_series(path), wanted)
        large = 4 * len(series.slices) * series.rows * series.columns > self._most_bytes
        memory_map = self._scratch / f"{secrets.token_hex(6)}.npy" if large else None
        return ReadSeries(read_series(series, memory_map=memory_map), _subject(series), label)


def _from_volume_file(path: Path, label: str) -> ReadSeries:
    volume, facts = read_volume(path), _facts_beside(path)
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

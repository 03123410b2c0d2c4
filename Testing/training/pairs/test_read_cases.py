"""Series of a recipe, read from wherever they lie."""

import json
import mmap
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.volume import Volume
from CTDenoiseLib.volume_files import write_volume
from CTDenoiseTrainLib.errors import DataError, RecipeError
from CTDenoiseTrainLib.pairs.read_cases import CaseReader, comparable
from CTDenoiseTrainLib.recipe.content import CaseFiles, SeriesFile


@pytest.fixture
def reader(tmp_path) -> CaseReader:
    return CaseReader(tmp_path, scratch=tmp_path, memory_gb=1)


def noisy(path: str, series: str | None = None) -> CaseFiles:
    return CaseFiles(patient="A", noisy=SeriesFile(path=path, series=series))


def is_in_a_file(hu: np.ndarray) -> bool:
    """Whether values lie in a memory-mapped file, by whatever views."""
    while isinstance(hu, np.ndarray):
        if isinstance(hu, np.memmap):
            return True
        hu = hu.base
    return isinstance(hu, mmap.mmap)


def test_a_folder_of_dicom_files_is_read_with_its_kernel_and_whose_it_is(reader, tmp_path, make_ct_series):
    make_ct_series(tmp_path / "sharp", kernel="Qr89")
    read = reader.role(noisy("sharp"), "noisy")
    assert read.volume.shape == (9, 48, 40)
    assert read.volume.acquisition.kernel == ("Qr89",)
    assert read.label == "noisy of patient A"
    assert None not in (read.subject.patient, read.subject.study, read.subject.frame_of_reference)
    assert "SYNTHETIC" not in str(read.subject)


def test_the_series_of_a_folder_is_chosen_as_by_the_command_line(reader, tmp_path, make_ct_series):
    for number, kernel in enumerate(("Br40", "Qr89"), start=1):
        make_ct_series(tmp_path / "exam", kernel=kernel, series_number=number)
    assert reader.role(noisy("exam", "Qr89"), "noisy").volume.acquisition.kernel == ("Qr89",)


def test_a_single_file_is_a_single_image(reader, tmp_path, make_ct_series):
    file = sorted(make_ct_series(tmp_path / "sharp").iterdir())[0]
    assert reader.role(noisy(f"sharp/{file.name}"), "noisy").volume.shape == (1, 48, 40)


def test_a_volume_file_is_read_with_the_facts_beside_it(reader, tmp_path, tiny_volume):
    write_volume(tiny_volume, tmp_path / "noisy.mha")
    facts = {"kernel": ["Qr89"], "section_thickness": 0.4, "modality": "CT", "description": None, "patient": "3f2a"}
    (tmp_path / "noisy.facts.json").write_text(json.dumps(facts), encoding="utf-8")
    read = reader.role(noisy("noisy.mha"), "noisy")
    assert read.volume.acquisition.kernel == ("Qr89",)
    assert read.volume.acquisition.section_thickness == 0.4
    assert read.volume.acquisition.description == "noisy.mha"
    assert read.subject.patient is not None
    np.testing.assert_array_equal(read.volume.hu, tiny_volume.hu)


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_damaged_facts_are_named(reader, tmp_path, tiny_volume, text):
    write_volume(tiny_volume, tmp_path / "noisy.nii.gz")
    (tmp_path / "noisy.facts.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"noisy\.facts\.json"):
        reader.role(noisy("noisy.nii.gz"), "noisy")


def test_patients_of_different_kinds_of_files_are_not_compared(reader, tmp_path, tiny_volume, make_ct_series):
    make_ct_series(tmp_path / "sharp")
    write_volume(tiny_volume, tmp_path / "noisy.mha")
    (tmp_path / "noisy.facts.json").write_text('{"patient": "3f2a"}', encoding="utf-8")
    subjects = [reader.role(noisy(path), "noisy").subject for path in ("sharp", "noisy.mha")]
    assert [subject.patient for subject in comparable(*subjects)] == [None, None]
    assert comparable(subjects[0], subjects[0])[0].patient is not None


def test_a_series_too_large_for_memory_is_mapped_from_a_file(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "sharp")
    reader = CaseReader(tmp_path, scratch=tmp_path, memory_gb=0)
    hu = reader.role(noisy("sharp"), "noisy").volume.hu
    assert is_in_a_file(hu)
    assert [file.suffix for file in tmp_path.iterdir() if file.is_file()] == [".npy"]


@pytest.mark.parametrize(("memory_gb", "is_mapped"), [(0, True), (1, False)])
def test_so_is_a_volume_file_too_large_for_memory(tmp_path, tiny_volume, memory_gb, is_mapped):
    write_volume(tiny_volume, tmp_path / "noisy.nrrd")
    reader = CaseReader(tmp_path, scratch=tmp_path, memory_gb=memory_gb)
    hu = reader.role(noisy("noisy.nrrd"), "noisy").volume.hu
    assert is_in_a_file(hu) == is_mapped
    np.testing.assert_array_equal(hu, np.rint(tiny_volume.hu))


def test_repeats_share_the_memory(tmp_path, tiny_volume):
    files = []
    for number in range(4):
        write_volume(tiny_volume, tmp_path / f"{number}.nrrd")
        files.append(SeriesFile(path=f"{number}.nrrd"))
    for room, is_mapped in ((4.1, False), (3.9, True)):
        reader = CaseReader(tmp_path, scratch=tmp_path, memory_gb=room * tiny_volume.hu.nbytes / 1e9)
        repeats = reader.repeats(CaseFiles(patient="A", repeats=tuple(files)), fewest=2)
        assert {is_in_a_file(read.volume.hu) for read in repeats} == {is_mapped}


def test_what_is_being_read_is_told(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "sharp")
    notes: list[str] = []
    CaseReader(tmp_path, scratch=tmp_path, memory_gb=1, on_note=notes.append).role(noisy("sharp"), "noisy")
    assert notes == ["Reading noisy of patient A…"]


def test_a_missing_role_is_named(reader):
    with pytest.raises(RecipeError, match="Patient A has no “iterative” series"):
        reader.role(noisy("sharp"), "iterative")


def test_too_few_repeats_are_counted(reader):
    with pytest.raises(RecipeError, match="Patient A has 1 repeats, and this source of pairs needs 2 or more"):
        reader.repeats(CaseFiles(patient="A", repeats=(SeriesFile(path="one"),)), fewest=2)


def test_a_constant_image_is_refused(reader, tmp_path: Path):
    write_volume(Volume(np.full((4, 16, 16), -1000, np.float32)), tmp_path / "empty.nrrd")
    with pytest.raises(DataError, match="All values of noisy of patient A are -1000: it shows nothing"):
        reader.role(noisy("empty.nrrd"), "noisy")

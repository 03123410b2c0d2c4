"""Cases of pairs from what a recipe names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import generate_uid
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.volume_files import write_volume
from CTDenoiseTrainLib.errors import DataError, RecipeError
from CTDenoiseTrainLib.pairs.open_pairs import PairData, open_pairs
from CTDenoiseTrainLib.pairs.pair_case import Place
from CTDenoiseTrainLib.recipe.content import CaseFiles, DataOptions, PatchOptions, Recipe, SeriesFile
from support.ct_series import anatomy, make_ct_series

SHAPE = (10, 96, 96)
PATCHES = PatchOptions(side=32)
STUDY, FRAME = generate_uid(), generate_uid()


@pytest.fixture(scope="module")
def exam(tmp_path_factory) -> Path:
    """A folder with series of one scan of a body: FBP and IR of one kernel, a smooth kernel, repeats, full dose."""
    folder = tmp_path_factory.mktemp("exam")
    rng = np.random.default_rng(0)
    body = anatomy(SHAPE, noise_hu=0)
    noise = [gaussian_filter(rng.standard_normal(SHAPE), (0, 0.6, 0.6)) for _ in range(4)]
    noise = [20 * one / one.std() for one in noise]
    series = {
        "fbp": (body + noise[0], "Qr89"),
        "ir": (body + 0.3 * noise[0], "Qr89"),
        "smooth": (gaussian_filter(body + noise[0], (0, 1, 1)), "Br40"),
        "repeat": (body + noise[1], "Qr89"),
        "third": (body + noise[2], "Qr89"),
        "full": (body + 0.5 * noise[3], "Qr89"),
    }
    for number, (name, (hu, kernel)) in enumerate(series.items(), start=1):
        make_ct_series(
            folder / name, hu=hu, kernel=kernel, study_uid=STUDY, frame_of_reference=FRAME, series_number=number
        )
    return folder


def case(patient: str = "A", repeats: tuple[str, ...] = (), **roles: str) -> CaseFiles:
    files = {role: SeriesFile(path=path) for role, path in roles.items()}
    return CaseFiles(patient=patient, repeats=tuple(SeriesFile(path=path) for path in repeats), **files)


def opened(exam: Path, cache: Path, *cases: CaseFiles, patches: PatchOptions = PATCHES, **options) -> PairData:
    recipe = Recipe(name="trial", data=DataOptions(cases=cases, **options), patches=patches)
    return open_pairs(recipe, base=exam, cache=cache / "cache")


SOURCES = {
    "reconstructions": (case(noisy="fbp", iterative="ir"), {"source": "noise-maps"}),
    "adjacent": (case(noisy="fbp"), {"source": "noise-maps", "method": "adjacent-sections"}),
    "repeated": (case(repeats=("fbp", "repeat")), {"source": "noise-maps", "method": "repeated-scans"}),
    "dose": (case(noisy="fbp", clean="full"), {"source": "dose-pairs"}),
    "kernels": (case(noisy="fbp", clean="smooth"), {"source": "kernel-pairs"}),
    "resolution": (case(noisy="smooth", clean="full"), {"source": "resolution-pairs"}),
    "repeats": (case(repeats=("fbp", "repeat")), {"source": "repeats"}),
    "averages": (case(repeats=("fbp", "repeat", "third")), {"source": "averages", "averaged": 2}),
    "self-supervised": (case(noisy="fbp"), {"source": "self-supervised"}),
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_gives_pairs(exam, tmp_path, name, rng):
    files, options = SOURCES[name]
    data = opened(exam, tmp_path, files, anatomy_in_noise="warn", **options)
    (found,) = data.cases
    assert found.name == "patient A"
    assert found.patient == "A"
    assert found.spacing == pytest.approx((1.0, 0.5, 0.5))
    assert found.acquisition.kernel
    for section in (0, found.shape[0] - 1):
        pair = found.patch(Place(section, 30, 64), side=32, context=2, rng=rng)
        assert pair.sections.shape == (5, 32, 32)
        assert pair.noise.shape == (32, 32)
        assert pair.sections.dtype == pair.noise.dtype == np.float32
        assert pair.sections.flags.c_contiguous
        assert np.isfinite(pair.sections).all()
        assert pair.noise.std() > 1
        assert found.whole(section, context=2).sections.shape == (5, 96, 96)
        assert found.whole_pair(section, context=2).noise.shape == (96, 96)
        assert found.anatomy(section).shape == found.noise(section).shape == (96, 96)
    assert data.facts
    assert data.made_for.modality == "CT"


def test_noise_maps_of_two_reconstructions_are_added_to_averages_of_the_iterative_one(exam, tmp_path, rng):
    files, options = SOURCES["reconstructions"]
    data = opened(exam, tmp_path, files, patches=replace(PATCHES, noise_scale=(1.0, 1.0)), **options)
    (found,) = data.cases
    assert found.shape == (9, 96, 96)  # averages of two lie between the sections
    assert found.geometry.origin[2] == pytest.approx(-100 + 0.5)
    inside = np.s_[30:66, 30:66]
    # 30 % of the noise is in the iterative images, averaged over two sections; 70 % in the maps.
    assert found.anatomy(4)[inside].std() == pytest.approx(0.3 * 20 / np.sqrt(2), rel=0.15)
    assert found.patch(Place(4, 30, 30), side=32, context=2, rng=rng).noise.std() == pytest.approx(14, rel=0.15)


def test_the_model_card_hears_of_kernel_sizes_and_noise(exam, tmp_path):
    files, options = SOURCES["dose"]
    made_for = opened(exam, tmp_path, files, **options).made_for
    assert made_for.kernels == ("Qr89",)
    assert made_for.pixel_spacing_mm == (0.5, 0.5)
    assert made_for.section_thickness_mm == (1.0, 1.0)
    assert made_for.noise_hu == pytest.approx((20, 20), rel=0.1)


def test_several_cases_of_a_patient_are_numbered(exam, tmp_path):
    low, high = (make_ct_series(tmp_path / str(hu), hu=anatomy(SHAPE, noise_hu=hu), study_uid="1.2") for hu in (20, 5))
    other = case("B", noisy=str(low), clean=str(high))
    cases = (case(noisy="fbp", clean="full"), case(noisy="repeat", clean="full"), other)
    data = opened(exam, tmp_path, *cases, source="dose-pairs")
    assert [one.name for one in data.cases] == ["patient A, images 1", "patient A, images 2", "patient B"]
    assert ("Images, patient B", "10 sections of 96 × 96, 0.50 × 0.50 × 1.00 mm") in data.facts


def test_images_beyond_the_memory_lie_in_the_cache(exam, tmp_path, rng):
    files, options = SOURCES["dose"]
    in_memory = opened(exam, tmp_path, files, **options).cases[0]
    data = opened(exam, tmp_path, files, memory_gb=1e-6, **options)
    assert dict(data.facts)["Images kept"] == "0 GB in memory, 0.00037 GB in files"
    for section in (0, 9):
        np.testing.assert_array_equal(data.cases[0].noise(section), in_memory.noise(section))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kernels", "takes the resolution of that kernel"),
        ("resolution", "structure that is likely rather than seen"),
        ("self-supervised", "single noisy series"),
        ("adjacent", "keep noise of their own"),
    ],
)
def test_what_a_source_implies_is_said(exam, tmp_path, name, words):
    files, options = SOURCES[name]
    assert any(
        words in warning for warning in opened(exam, tmp_path, files, anatomy_in_noise="warn", **options).warnings
    )


def test_interchanged_doses_are_noticed(exam, tmp_path):
    data = opened(exam, tmp_path, case(noisy="full", clean="fbp"), source="dose-pairs")
    assert any("interchanged" in warning for warning in data.warnings)


def test_single_images_are_allowed_for_direct_pairs_and_said(exam, tmp_path):
    first = [sorted((exam / name).iterdir(), key=_position)[0] for name in ("fbp", "full")]
    files = case(noisy=f"fbp/{first[0].name}", clean=f"full/{first[1].name}")
    data = opened(exam, tmp_path, files, source="dose-pairs")
    assert data.cases[0].shape == (1, 96, 96)
    assert any("no neighbouring sections" in warning for warning in data.warnings)


def _position(path: Path) -> float:
    import pydicom

    return float(pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2])


def test_only_common_sections_make_pairs(exam, tmp_path):
    hu = anatomy(SHAPE, noise_hu=5)
    shorter = make_ct_series(tmp_path / "shorter", hu=hu[:7], study_uid=STUDY, frame_of_reference=FRAME)
    data = opened(exam, tmp_path, case(noisy="fbp", clean=str(shorter)), source="dose-pairs")
    assert data.cases[0].shape[0] == 7


def test_sections_are_matched_by_their_place_also_if_one_series_has_every_second_only(exam, tmp_path):
    hu = anatomy(SHAPE, noise_hu=5)
    geometry = Geometry(spacing=(2.0, 0.5, 0.5), origin=(-12.5, -20.0, -98.0))
    write_volume(Volume(hu[2::2], geometry), tmp_path / "every_second.nrrd")
    files = case(noisy="fbp", clean=str(tmp_path / "every_second.nrrd"))
    (found,) = opened(exam, tmp_path, files, source="dose-pairs").cases
    assert found.geometry.spacing[0] == 2.0
    assert found.geometry.origin == pytest.approx((-12.5, -20.0, -98.0))
    (whole,) = opened(exam, tmp_path, case(noisy="fbp", clean="full"), source="dose-pairs").cases
    np.testing.assert_array_equal(found.anatomy(1), hu[4])
    np.testing.assert_array_equal(found.whole(1, context=0).sections, whole.whole(4, context=0).sections)


def test_phantom_noise_is_taken_from_anywhere_for_a_patient_elsewhere(exam, tmp_path, rng):
    write_volume(Volume(anatomy((8, 64, 64), noise_hu=5)), tmp_path / "patient.nrrd")
    files = case(repeats=("fbp", "repeat"), clean=str(tmp_path / "patient.nrrd"))
    still = PatchOptions(side=32, shift_pixels=0, noise_scale=(1, 1), flips=False, rotations=False)
    data = opened(exam, tmp_path, files, source="noise-maps", method="repeated-scans", target_sections=1, patches=still)
    (found,) = data.cases
    assert found.shape == (8, 64, 64)
    drawn = {found.patch(Place(3, 10, 10), side=32, context=1, rng=rng).noise.tobytes() for _ in range(20)}
    assert len(drawn) == 20
    assert any("differ in size by a factor of" in warning for warning in data.warnings)


@pytest.mark.parametrize(
    ("files", "options", "words"),
    [
        (case(noisy="fbp", iterative="smooth"), {"source": "noise-maps"}, "kernels .* differ"),
        (case(noisy="fbp", clean="smooth"), {"source": "dose-pairs"}, "kernels .* differ"),
        (case(noisy="fbp", clean="fbp"), {"source": "dose-pairs"}, "are the same, so there is nothing to learn"),
        (case(repeats=("fbp", "fbp")), {"source": "repeats"}, "are the same images"),
    ],
)
def test_images_that_do_not_fit_are_refused_in_a_sentence(exam, tmp_path, files, options, words):
    with pytest.raises(DataError, match=words):
        opened(exam, tmp_path, files, **options)


def test_a_role_that_the_source_needs_must_be_there(exam, tmp_path):
    with pytest.raises(RecipeError, match="no “iterative” series"):
        opened(exam, tmp_path, case(noisy="fbp"), source="noise-maps")
    with pytest.raises(RecipeError, match="has 2 repeats, and this source of pairs needs 3"):
        opened(exam, tmp_path, case(repeats=("fbp", "repeat")), source="averages", averaged=2)
    with pytest.raises(DataError, match="names no images"):
        opened(exam, tmp_path, source="repeats")


def test_images_of_another_scan_patient_or_size_are_refused(exam, tmp_path):
    hu = anatomy(SHAPE, noise_hu=5)
    other = make_ct_series(tmp_path / "other", hu=hu)
    with pytest.raises(DataError, match="different studies"):
        opened(exam, tmp_path, case(noisy="fbp", iterative=str(other)), source="noise-maps")
    smaller = make_ct_series(tmp_path / "smaller", hu=hu[:, :64], study_uid=STUDY, frame_of_reference=FRAME)
    with pytest.raises(DataError, match="differ in size"):
        opened(exam, tmp_path, case(noisy="fbp", clean=str(smaller)), source="dose-pairs")


def test_a_patient_cannot_have_two_labels(exam, tmp_path):
    cases = (case("A", noisy="fbp", clean="full"), case("B", noisy="repeat", clean="full"))
    with pytest.raises(RecipeError, match="Patients A and B have images of one and the same study"):
        opened(exam, tmp_path, *cases, source="dose-pairs")


@pytest.mark.parametrize("source", ["repeats", "averages"])
def test_repeats_of_a_patient_cannot_have_two_labels_either(exam, tmp_path, source):
    cases = (case("A", repeats=("fbp", "repeat")), case("B", repeats=("repeat", "third")))
    with pytest.raises(RecipeError, match="Patients A and B have images of one and the same study"):
        opened(exam, tmp_path, *cases, source=source)


def test_patients_may_share_the_scans_of_a_phantom_that_give_the_noise(exam, tmp_path):
    cases = []
    for label in "AB":
        write_volume(Volume(anatomy((8, 64, 64), noise_hu=5)), tmp_path / f"{label}.nrrd")
        cases.append(case(label, repeats=("fbp", "repeat"), clean=str(tmp_path / f"{label}.nrrd")))
    data = opened(exam, tmp_path, *cases, source="noise-maps", method="repeated-scans")
    assert [found.patient for found in data.cases] == ["A", "B"]


@pytest.mark.parametrize("source", ["dose-pairs", "repeats", "self-supervised", "noise-maps"])
def test_padding_is_neither_anatomy_nor_noise(tmp_path, source, rng):
    side = np.arange(96) - 47.5
    outside = np.hypot(side[:, None], side) > 46
    for name in ("fbp", "ir"):
        hu = anatomy(SHAPE, noise_hu=0) + (20 if name == "fbp" else 5) * rng.standard_normal(SHAPE)
        hu[:, outside] = -2048
        make_ct_series(tmp_path / name, hu=hu, study_uid=STUDY, frame_of_reference=FRAME)
    files = {
        "dose-pairs": case(noisy="fbp", clean="ir"),
        "repeats": case(repeats=("fbp", "ir")),
        "self-supervised": case(noisy="fbp"),
        "noise-maps": case(noisy="fbp", iterative="ir"),
    }
    (found,) = opened(tmp_path, tmp_path, files[source], source=source).cases
    pair = found.whole_pair(4, context=1)
    assert pair.sections[:, outside].min() > -1200
    assert np.abs(pair.sections[:, outside].mean() + 1000) < 5
    assert np.abs(pair.noise[outside]).max() < 150
    assert found.anatomy(4)[outside].min() > -1010


def test_images_smaller_than_a_patch_are_refused(exam, tmp_path):
    files, options = SOURCES["dose"]
    with pytest.raises(DataError, match="96 × 96 pixels, less than a patch of 128 × 128"):
        opened(exam, tmp_path, files, patches=PatchOptions(side=128), **options)


@pytest.mark.parametrize("name", ["reconstructions", "self-supervised"])
def test_too_few_sections_to_take_noise_from_are_refused(exam, tmp_path, name):
    for series in ("fbp", "ir"):
        hu = anatomy((2, 96, 96), noise_hu=20 if series == "fbp" else 5)
        make_ct_series(tmp_path / series, hu=hu, study_uid=STUDY, frame_of_reference=FRAME)
    files, options = SOURCES[name]
    with pytest.raises(DataError, match="section"):
        opened(tmp_path, tmp_path, files, **options)


def test_noise_maps_with_anatomy_are_refused_or_warned_of(tmp_path):
    rng = np.random.default_rng(0)
    structure = gaussian_filter(rng.standard_normal(SHAPE[1:]), 2)
    body = anatomy(SHAPE, noise_hu=0) + 100 * structure / structure.std()
    series = {"fbp": body + 10 * rng.standard_normal(SHAPE), "ir": gaussian_filter(body, (0, 2, 2))}
    for name, hu in series.items():
        make_ct_series(tmp_path / name, hu=hu, study_uid=STUDY, frame_of_reference=FRAME)
    files, options = SOURCES["reconstructions"]
    with pytest.raises(DataError, match="set anatomy_in_noise to “warn”"):
        opened(tmp_path, tmp_path, files, **options)
    data = opened(tmp_path, tmp_path, files, anatomy_in_noise="warn", **options)
    assert any("natomy" in warning for warning in data.warnings)


def test_self_supervised_pairs_need_independent_sections(tmp_path):
    noise = gaussian_filter(np.random.default_rng(0).standard_normal((24, 96, 96)), (4, 0.6, 0.6))
    make_ct_series(tmp_path / "alike", hu=anatomy((24, 96, 96), noise_hu=0) + 20 * noise / noise.std())
    with pytest.raises(DataError, match="noise of sections 3 apart of patient A is nearly the same"):
        opened(tmp_path, tmp_path, case(noisy="alike"), source="self-supervised", anatomy_in_noise="warn")


@pytest.mark.parametrize(
    ("patches", "words"),
    [
        (replace(PATCHES, shift_pixels=4), "shift_pixels.* 8 pixels or more"),
        (replace(PATCHES, noise_scale=(0.01, 1.0)), "noise_scale.* 0.1 or more"),
    ],
)
def test_self_supervised_pairs_need_noise_that_is_moved_and_strong_enough(exam, tmp_path, patches, words):
    with pytest.raises(RecipeError, match=words):
        opened(exam, tmp_path, case(noisy="fbp"), source="self-supervised", patches=patches)


def test_different_modalities_are_not_mixed(exam, tmp_path):
    study = generate_uid()
    for name in ("label", "control"):
        hu = anatomy(SHAPE, seed=len(name))
        make_ct_series(tmp_path / name, hu=hu, modality="MR", study_uid=study, frame_of_reference=FRAME)
    mr = case("B", repeats=(str(tmp_path / "label"), str(tmp_path / "control")))
    assert opened(exam, tmp_path, mr, source="repeats").made_for.modality == "MR"
    with pytest.raises(DataError, match=r"different modalities \(CT, MR\)"):
        opened(exam, tmp_path, mr, case(repeats=("fbp", "repeat")), source="repeats")


def test_what_is_being_done_is_told(exam, tmp_path):
    files, options = SOURCES["self-supervised"]
    recipe = Recipe(name="trial", data=DataOptions(cases=(files,), **options), patches=PATCHES)
    notes: list[str] = []
    open_pairs(recipe, base=exam, cache=tmp_path / "cache", on_note=notes.append)
    assert notes == ["Reading noisy of patient A…", "Making noise maps of patient A…"]


def test_what_a_note_raises_ends_the_work(exam, tmp_path):
    class EndError(Exception):
        pass

    def end(sentence: str) -> None:
        raise EndError

    recipe = Recipe(name="trial", data=DataOptions(source="repeats", cases=(case(repeats=("fbp", "repeat")),)))
    with pytest.raises(EndError):
        open_pairs(recipe, base=exam, cache=tmp_path / "cache", on_note=end)
    assert not list((tmp_path / "cache").iterdir())


def test_a_real_kernel_pair_of_a_head_phantom(real_data, tmp_path, rng):
    folder = real_data("philips_head_phantom_kernel_pair")
    files = case(noisy="YA_sharp", clean="UB_smooth_iDose")
    data = opened(folder, tmp_path, files, source="kernel-pairs", patches=PatchOptions())
    assert data.cases[0].shape == (50, 512, 512)
    assert data.made_for.kernels == ("YA",)
    pair = data.cases[0].patch(Place(25, 224, 224), side=64, context=3, rng=rng)
    assert pair.sections.shape == (7, 64, 64)


def test_real_pairs_of_single_images_at_two_doses(real_data, tmp_path):
    folder = real_data("mayo_dose_pairs")
    names = sorted(path.name[:-7] for path in (folder / "full").glob("L096*"))[:2]
    cases = [case("L096", noisy=f"quarter/{name}_QD.IMA", clean=f"full/{name}_FD.IMA") for name in names]
    data = opened(folder, tmp_path, *cases, source="dose-pairs", patches=PatchOptions())
    assert [one.shape for one in data.cases] == [(1, 512, 512)] * 2
    assert not any("interchanged" in warning for warning in data.warnings)

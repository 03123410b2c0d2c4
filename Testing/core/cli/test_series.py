from __future__ import annotations


def test_a_series_is_listed_by_its_label_with_tube_settings_and_uid(ctdenoise, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", kernel="Qr89", description="Thorax native")
    answer = ctdenoise("series", tmp_path / "in")
    uid = ctdenoise("series", tmp_path / "in", "--json").content["series"][0]["uid"]
    assert answer.code == 0
    for expected in (
        "Qr89 · 1.00/1.00 mm · 0.50 mm · 40×48 · 9 slices",
        "Thorax native",
        "120 kVp · 200 mA · 100 mAs",
        uid,
    ):
        assert expected in answer.out


def test_names_of_patients_are_never_shown(ctdenoise, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in")
    for form in ((), ("--json",)):
        assert "Phantom" not in ctdenoise("series", tmp_path / "in", *form).out
        assert "SYNTHETIC" not in ctdenoise("series", tmp_path / "in", *form).out


def test_files_left_out_are_counted_by_reason(ctdenoise, make_ct_series, tmp_path):
    folder = make_ct_series(tmp_path / "in")
    for name in "abcde":
        (folder / f"{name}.txt").write_text("text")
    answer = ctdenoise("series", folder)
    assert "Left out, 5 in all:" in answer.out
    assert "5 × not DICOM (a.txt, b.txt, c.txt and 2 more)" in answer.out


def test_machines_get_every_series_and_every_file_left_out(ctdenoise, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", kernel="B30f", series_number=2)
    make_ct_series(tmp_path / "in", kernel=["Qr89", "3"], series_number=3)
    (tmp_path / "in" / "note.txt").write_text("text")
    content = ctdenoise("series", tmp_path / "in", "--json").content
    assert [series["number"] for series in content["series"]] == [1, 2]
    assert [series["kernel"] for series in content["series"]] == [["B30f"], ["Qr89", "3"]]
    assert content["series"][0]["pixel_spacing_mm"] == [0.5, 0.5]
    assert content["left_out"] == [{"path": str(tmp_path / "in" / "note.txt"), "reason": "not DICOM"}]


def test_a_folder_without_series_is_no_error_here(ctdenoise, tmp_path):
    answer = ctdenoise("series", tmp_path)
    assert (answer.code, answer.out) == (0, "No image series here.\n")


def test_brackets_in_a_description_are_shown_and_not_taken_for_markup(ctdenoise, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", description="Lung [bold] 1.0")
    assert "Lung [bold] 1.0" in ctdenoise("series", tmp_path / "in").out


def test_a_missing_folder_is_told(ctdenoise, tmp_path):
    assert str(tmp_path / "nowhere") in ctdenoise("series", tmp_path / "nowhere").sentence

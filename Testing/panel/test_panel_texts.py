"""What the panel says: menus, badge, card, progress, messages."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from CTDenoiseLib.matching import MatchLevel, MatchVerdict, Reason
from CTDenoiseLib.models.card import ModelCard, ParentModel
from CTDenoiseLib.worker.messages import DeviceInfo, JobProgress, ModelLoaded

GPU = DeviceInfo("cuda:0", "cuda", "NVIDIA H100", int(78.2e9), int(85e9), ("fp16", "bf16", "fp32"))
CPU = DeviceInfo("cpu", "cpu", "Xeon", int(12e9), int(16e9), ("fp32",))


@pytest.fixture(autouse=True)
def slicer(slicer_host):
    """The texts need Slicer's translations."""


def texts(choices):
    return [choice.text for choice in choices]


def test_each_device_is_listed_with_its_name_and_free_memory():
    from CTDenoisePanel.backend_choices import device_choices

    assert texts(device_choices((GPU, CPU), "auto")) == [
        "Automatic",
        "cuda:0: H100, 78.2 GB free",
        "CPU, 12.0 GB free",
    ]


def test_what_automatic_came_to_is_said_with_its_reason():
    from CTDenoisePanel.backend_choices import device_choices, precision_choices

    loaded = ModelLoaded("tiny", "1", "0" * 64, 1, "cpu", "Xeon", "fp32", "PyTorch finds no graphics processor.")
    automatic = device_choices((CPU,), "auto", loaded)[0]
    assert (automatic.text, automatic.hint) == ("Automatic: CPU", "PyTorch finds no graphics processor.")
    assert precision_choices((CPU,), "auto", "auto", loaded)[0].text == "Automatic: fp32"
    assert device_choices((CPU,), "cpu", loaded)[0].text == "Automatic"


def test_a_device_of_another_computer_stays_in_the_menu_and_is_a_problem():
    from CTDenoisePanel.backend_choices import device_choices, device_problem

    assert texts(device_choices((CPU,), "cuda:1"))[-1] == "cuda:1 (not found)"
    assert "no device cuda:1" in device_problem((CPU,), "cuda:1", "auto")


def test_precisions_are_those_of_the_device():
    from CTDenoisePanel.backend_choices import device_problem, precision_choices

    def values(device):
        return [choice.value for choice in precision_choices((GPU, CPU), device, "auto")]

    assert values("cuda:0") == ["auto", "fp16", "bf16", "fp32"]
    assert values("cpu") == values("auto") == ["auto", "fp32"]
    assert "does not compute in fp16" in device_problem((GPU, CPU), "cpu", "fp16")


def test_while_devices_are_unknown_none_is_a_problem():
    from CTDenoisePanel.backend_choices import device_problem

    assert device_problem((), "cuda:0", "fp16") == ""


def test_the_badge_says_in_words_what_its_colour_says():
    from CTDenoisePanel.match_badge import match_badge

    bad = MatchVerdict((Reason(MatchLevel.RED, "pixel size", "Pixels of 2 mm < all seen."),))
    good = MatchVerdict((Reason(MatchLevel.GREEN, "kernel", "Fine."),))
    assert "Does not fit" in match_badge(bad)
    assert "Pixels of 2 mm &lt; all seen." in match_badge(bad)
    assert "Fits" in match_badge(good)
    assert "Fine" not in match_badge(good)


def test_while_the_noise_is_measured_it_is_no_reason_yet():
    from CTDenoisePanel.match_badge import match_badge

    verdict = MatchVerdict((Reason(MatchLevel.AMBER, "noise", "The noise is not known."),))
    assert "not known" not in match_badge(verdict, measuring=True)
    assert "Measuring" in match_badge(verdict, measuring=True)


def test_the_card_shows_limits_and_figures_and_takes_nothing_for_markup(small_model):
    from CTDenoisePanel.model_card_view import model_card_page

    card = dataclasses.replace(ModelCard.read(small_model / "tiny.json"), limitations=("Fails below 2 < 3 mm.",))
    page = model_card_page(card)
    assert "Fails below 2 &lt; 3 mm." in page
    assert "CT, kernels B30f, pixels 0.5–1 mm, sections 1–5 mm, noise 5–60 HU" in page


def test_the_card_of_a_fine_tuned_model_names_its_parent(small_model):
    from CTDenoisePanel.model_card_view import model_card_page

    card = ModelCard.read(small_model / "tiny.json")
    assert "Fine-tuned from" not in model_card_page(card)
    training = dataclasses.replace(card.training, parent=ParentModel.of(card))
    page = model_card_page(dataclasses.replace(card, training=training))
    assert f"<b>Fine-tuned from:</b> tiny 1.0 (SHA256 {card.weights.sha256[:16]}…)" in page


def test_progress_is_told_in_slices_a_second_and_time_left():
    from CTDenoisePanel.progress_text import percent, progress_line

    progress = JobProgress(1, 12, 143, 1.8, 73.0)
    assert progress_line(progress) == "12 of 143 slices, 1.8 slices/s, 1 min 13 s left"
    assert percent(progress) == 8
    assert percent(JobProgress(1, 999, 1000, 1.0, 1.0)) == 99


def test_long_times_are_told_in_hours():
    from CTDenoisePanel.progress_text import duration

    assert duration(7800) == "2 h 10 min"


def test_a_message_appears_once_and_notes_stay_beside_it():
    import qt

    from CTDenoisePanel.message_line import MessageLine

    label = qt.QLabel()
    line = MessageLine(label)
    assert not label.isVisible()
    line.note("Smaller batches.")
    line.error("The worker ended.")
    line.error("The worker ended.")
    assert label.text == "Smaller batches.<br>The worker ended."
    line.clear()
    assert not label.isVisible()


def test_a_message_is_shown_as_it_was_written():
    import qt

    from CTDenoisePanel.message_line import MessageLine

    label = qt.QLabel()
    MessageLine(label).done("It's in Slicer's database, if 1 < 2.")
    page = qt.QTextBrowser()
    page.setHtml(label.text)
    assert label.textFormat == qt.Qt.RichText
    assert page.toPlainText() == "It's in Slicer's database, if 1 < 2."


def test_the_slab_stays_inside_the_volume():
    from CTDenoisePanel.slab import slab_around

    assert slab_around((4,), 3, of=9) == (3, 4, 5)
    assert slab_around((8,), 3, of=9) == (6, 7, 8)
    assert slab_around((), 3, of=9) == (3, 4, 5)
    assert slab_around((4,), 99, of=9) == tuple(range(9))


def test_a_menu_is_filled_in_silence_and_keeps_what_is_chosen():
    import qt

    from CTDenoisePanel.choices import Choice, chosen_value, show_choices

    menu, told = qt.QComboBox(), []
    menu.currentIndexChanged.connect(told.append)
    show_choices(menu, [Choice("a", "A"), Choice("b", "B")], "b")
    assert chosen_value(menu) == "b"
    assert told == []
    show_choices(menu, [Choice("a", "A")], "c")
    assert chosen_value(menu) == ""


def test_the_heart_beats_as_long_as_there_is_work(spin):
    import qt

    from CTDenoisePanel.heartbeat import Heartbeat

    parent, left = qt.QObject(), SimpleNamespace(beats=3)

    def work(_budget):
        left.beats -= 1
        return left.beats > 0

    heart = Heartbeat(parent, work)
    heart.wake()
    spin(seconds=0.2)
    assert left.beats == 0

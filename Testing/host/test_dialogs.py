"""What is shown to the user, and what he answers."""

from __future__ import annotations

import pytest
import slicer


def test_errors_are_shown_with_one_button(slicer_host):
    slicer.util.errorDisplay("The disk is full.", windowTitle="CT Denoise", detailedText="12 GB needed")
    (message,) = slicer_host.user.messages
    assert (message.icon, message.text, message.title) == ("Critical", "The disk is full.", "CT Denoise")
    assert (message.details, message.buttons, message.answer) == ("12 GB needed", ("OK",), "OK")


def test_questions_get_the_queued_answers(slicer_host):
    slicer_host.user.answer("Yes", "No", "Cancel")
    assert slicer.util.confirmYesNoDisplay("Denoise although the match is red?")
    assert not slicer.util.confirmYesNoDisplay("Denoise although the match is red?")
    assert not slicer.util.confirmOkCancelDisplay("Install?")
    assert [message.answer for message in slicer_host.user.messages] == ["Yes", "No", "Cancel"]


def test_an_unexpected_question_is_escaped_and_reported(slicer_host):
    assert not slicer.util.confirmYesNoDisplay("Delete the results?")
    assert slicer_host.complaints() == ["A question was not expected: Delete the results?"]
    slicer_host.user.complaints.clear()


def test_an_answer_nobody_asked_for_is_reported(slicer_host):
    slicer_host.user.answer("Yes")
    assert slicer_host.complaints() == ["No message box asked for the answer Yes"]
    slicer_host.user.answers.clear()


def test_own_buttons_are_pressed_by_their_text(slicer_host):
    import qt

    box = qt.QMessageBox()
    run = box.addButton("Denoise &anyway", qt.QMessageBox.AcceptRole)
    box.addButton(qt.QMessageBox.Cancel)
    slicer_host.user.answer("Denoise anyway")
    box.exec_()
    assert box.clickedButton() is run


def test_slicer_in_testing_mode_shows_and_asks_nothing(slicer_host):
    slicer_host.app.testing = True
    slicer.util.errorDisplay("The disk is full.")
    slicer.util.confirmYesNoDisplay("Denoise?")
    assert slicer_host.user.messages == []


def test_a_failed_action_is_shown_and_raised_again(slicer_host):
    with pytest.raises(OSError, match="disk"), slicer.util.tryWithErrorDisplay("Cannot save.", waitCursor=True):
        raise OSError("The disk is full.")
    (message,) = slicer_host.user.messages
    assert message.text == "Cannot save.\n\nThe disk is full."
    assert "Traceback" in message.details


def test_file_dialogs_return_the_chosen_path_alone(slicer_host, tmp_path):
    import qt

    slicer_host.user.choose_path(tmp_path / "report.pdf", "")
    assert qt.QFileDialog.getSaveFileName(None, "Save the report", "", "PDF (*.pdf)") == str(tmp_path / "report.pdf")
    assert qt.QFileDialog.getExistingDirectory(None, "Folder") == ""

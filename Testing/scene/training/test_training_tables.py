"""Tables of a training."""

from __future__ import annotations

from CTDenoiseTrainScene.training_tables import MOST_EPOCHS, data_table, epochs_table, result_table
from support.training_news import data_seen, epoch, trained


def test_what_was_found_about_the_data_ends_with_the_split_in_numbers(tmp_path):
    table = data_table(data_seen(tmp_path))
    assert table.rows == (
        ("Noise [HU]", "40"),
        ("Leakage of anatomy", "0.03, none"),
        ("Sections to learn from", "90"),
        ("Sections held out", "10"),
    )


def test_the_latest_epoch_comes_first_and_the_best_is_marked():
    table = epochs_table([epoch(0), epoch(1, rmse=21.0), epoch(2, best=False, rmse=None)])
    assert [row[0] for row in table.rows] == ["2", "1 best", "0"]
    assert [row[1] for row in table.rows] == [None, 21.0, 25.0]


def test_of_many_epochs_the_latest_are_shown_and_the_best():
    table = epochs_table([epoch(number, best=number == 3) for number in range(1000)])
    assert [row[0] for row in table.rows] == [*(str(999 - number) for number in range(MOST_EPOCHS)), "3 best"]


def test_before_and_after_are_as_the_worker_says():
    assert result_table(trained()).rows[0] == ("RMSE [HU]", "40.0", "21.3")

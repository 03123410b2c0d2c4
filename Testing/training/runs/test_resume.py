from __future__ import annotations

from CTDenoiseTrainLib.runs.resume import clear_unfinished, complete_result
from CTDenoiseTrainLib.runs.run_folder import RunFolder


def test_what_a_killed_process_left_goes_away_and_nothing_else(tmp_path):
    run = RunFolder(tmp_path)
    for folder in (run.path, run.checkpoints, run.preview):
        (folder / ".ctdenoise-0123456789ab").mkdir(parents=True)
    run.cache.mkdir()
    (run.checkpoints / "00000001").mkdir()
    run.log_file.touch()
    clear_unfinished(run)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["checkpoints", "log.csv", "preview"]
    assert [entry.name for entry in run.checkpoints.iterdir()] == ["00000001"]


def test_a_run_without_a_result_is_not_complete(tmp_path):
    assert complete_result(RunFolder(tmp_path)) is None

from __future__ import annotations

import struct
from pathlib import Path

from tensorboardX.proto.event_pb2 import Event, SessionLog

from CTDenoiseTrainLib.runs.tensorboard_log import TensorBoardLog
from CTDenoiseTrainLib.training.news import EpochNews, StepNews, ValidationFigures

STEP = StepNews(
    epoch=1,
    epochs=2,
    step=30,
    steps=100,
    loss=0.5,
    rate=1e-3,
    samples_per_second=400.0,
    data_share=0.25,
    seconds_remaining=9.0,
)
EPOCH = EpochNews(
    epoch=1,
    loss=0.75,
    validation=ValidationFigures(loss=64.0, rmse=8.0, psnr=None, ssim=None, noise_reduction=50.0, residual_index=None),
    best=True,
    seconds=5.0,
)


def events(folder: Path) -> list[Event]:
    """All events of the files of a folder, by the format: length, checksum, content, checksum."""
    found = []
    for file in sorted(folder.iterdir()):
        content, place = file.read_bytes(), 0
        while place < len(content):
            (length,) = struct.unpack_from("<Q", content, place)
            found.append(Event.FromString(content[place + 12 : place + 12 + length]))
            place += 12 + length + 4
    return found


def curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for event in events(folder):
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def test_steps_and_epochs_become_curves_over_the_steps(tmp_path):
    log = TensorBoardLog(tmp_path, first_step=0)
    log.add_step(STEP)
    log.add_epoch(EPOCH, step=50)
    log.close()
    found = curves(tmp_path)
    assert found["training/loss"] == [(30, 0.5)]
    assert found["speed/samples_per_second"] == [(30, 400.0)]
    assert found["epoch/training_loss"] == [(50, 0.75)]
    assert found["epoch/rmse_hu"] == [(50, 8.0)]
    assert found["epoch/noise_reduction_percent"] == [(50, 50.0)]


def test_what_is_unknown_is_no_point_of_a_curve(tmp_path):
    log = TensorBoardLog(tmp_path, first_step=0)
    log.add_epoch(EPOCH, step=50)
    log.close()
    assert not {"epoch/psnr_db", "epoch/ssim", "epoch/residual_index"} & curves(tmp_path).keys()


def test_going_on_hides_what_is_done_again(tmp_path):
    TensorBoardLog(tmp_path, first_step=21).close()
    (start,) = [event for event in events(tmp_path) if event.HasField("session_log")]
    assert (start.session_log.status, start.step) == (SessionLog.START, 21)

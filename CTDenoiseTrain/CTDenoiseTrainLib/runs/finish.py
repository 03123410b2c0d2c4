"""The end of a training: the best weights and their figures become the result of the run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from CTDenoiseLib.atomic import folder_in_the_making
from CTDenoiseLib.models.weights import pack_weights
from CTDenoiseLib.networks import DenoisingNetwork

from ..finetuning.data_facts import measure_data
from ..finetuning.keep import hardware_in_words
from ..validation.before_after import before_and_after
from ..validation.side_by_side import draw_side_by_side
from .prepare import Prepared
from .run_folder import RunFolder
from .run_result import PICTURE_FILE, RESULT_FILE, WEIGHTS_FILE, RunResult


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a training ended.

    Attributes:
        network: The averaged weights of the best epoch.
        epochs: Epochs done, in all runs together.
        best_epoch: Whose weights these are.
        steps: Steps done.
        complete: Whether nothing is left to do.
        reason: Why it ended, in a sentence.
        seconds: In all runs together.
    """

    network: DenoisingNetwork
    epochs: int
    best_epoch: int
    steps: int
    complete: bool
    reason: str
    seconds: float


def write_result(run: RunFolder, prepared: Prepared, ending: Ending, *, check: Callable[[], None]) -> RunResult:
    """Measure the best network on the held-out sections and write it down.

    Args:
        run: The run, without a result.
        prepared: What was trained with.
        ending: How it ended.
        check: Called now and then; what it raises ends the measurement.

    Raises:
        WriteFailedError: The disk does not take it.
    """
    parent = None if prepared.parent is None else prepared.parent.network
    table = before_and_after(prepared.validator, ending.network, parent=parent, check=check)
    data = measure_data(
        prepared.training,
        prepared.split,
        prepared.data.made_for,
        context=prepared.network.context,
        warnings=prepared.data.warnings,
    )
    weights = pack_weights(ending.network, "float32")
    result = RunResult(
        epochs=ending.epochs,
        best_epoch=ending.best_epoch,
        steps=ending.steps,
        complete=ending.complete,
        reason=ending.reason,
        seconds=ending.seconds,
        table=table.rows,
        better=table.is_better,
        facts=prepared.data.facts,
        warnings=(*prepared.data.warnings, *table.cautions),
        split=prepared.split.sentence,
        hardware=hardware_in_words(prepared.backend),
        weights_sha256=hashlib.sha256(weights).hexdigest(),
        card={
            "table": table.to_content(),
            "data": data.to_content(),
            "parent": None if prepared.parent is None else prepared.parent.card.to_json(),
        },
    )
    after = prepared.validator.preview(ending.network, check)
    before = None if parent is None else prepared.validator.preview(parent, check)
    with folder_in_the_making(run.result) as making:
        (making / WEIGHTS_FILE).write_bytes(weights)
        (making / RESULT_FILE).write_text(result.to_json(), encoding="utf-8")
        draw_side_by_side(making / PICTURE_FILE, after, before=before)
    return result

"""The training loop: from numbered pairs to the averaged network of the best epoch."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Iterable, Iterator

from torch import nn

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import DenoisingNetwork

from ..errors import CheckpointError, LossError
from ..pairs.batch import Batch, BatchSource
from ..pairs.prefetch import Prefetcher
from ..recipe.content import TrainingOptions
from .averaging import AveragedNetwork
from .distributed import Processes
from .epoch_record import EpochRecord
from .feature_loss import FeatureDistance
from .learning import let_learn
from .loss import BiasWeight, TrainingLoss
from .loss_record import LossRecord
from .news import Observer, SaveWanted, StepNews, StoppedError, ValidationFigures
from .outcome import TrainingOutcome
from .pace import Interval, Pace
from .precision import PreciseStep
from .schedule import learning_rate
from .state import AVERAGED, BEST, NETWORK, OPTIMISER, TrainerState, history_content, packed

Validate = Callable[[DenoisingNetwork, int, Callable[[], None]], ValidationFigures]
"""Measures a network on whole sections: network in evaluation mode, epoch, and a check to call between sections."""
Save = Callable[[TrainerState, bool], object]
"""Keeps a state; the flag says that an epoch has just been validated."""

SECONDS_BETWEEN_NEWS = 0.5
_NOTHING_MEASURED = ValidationFigures(
    loss=None, rmse=None, psnr=None, ssim=None, noise_reduction=None, residual_index=None
)


class Trainer:
    """Trains a network to predict noise.

    Step `s` (from 0) takes the pairs `s · batch` to `(s + 1) · batch − 1`, whoever draws them: so a resumed training
    sees what an uninterrupted one sees, and processes that have joined (see `distributed`) share every batch.
    """

    def __init__(  # noqa: PLR0913 - what, from which pairs, how, where, and who watches
        self,
        network: DenoisingNetwork,
        batches: BatchSource,
        options: TrainingOptions,
        *,
        steps_per_epoch: int,
        scale_hu: float,
        backend: Backend,
        observer: Observer,
        validate: Validate | None = None,
        save: Save | None = None,
        learning: Iterable[nn.Parameter] | None = None,
        bias_weight: BiasWeight | None = None,
    ) -> None:
        """Get ready for the first step.

        Args:
            network: Trained in place; moved to the device of the backend.
            batches: Where pairs come from; drawn ahead in a thread.
            options: How. Of its fields, device, precision and validation_sections are not used here.
            steps_per_epoch: Steps between two validations.
            scale_hu: HU that make 1 in the network.
            backend: Device and precision.
            observer: Watches, stops and pauses; only that of the first process is asked.
            validate: Called with the averaged network after each epoch and before the first, in the first process
                only. Its loss, or its RMSE if there is none, decides which epoch is the best. Without it, or if it
                gives neither, the last epoch is taken.
            save: Called in the first process after each validation, when `checkpoint_minutes` have passed, when the
                observer asks for it, and when training is stopped.
            learning: Parameters that learn of a network that was trained before, whose batch norms keep their
                statistics; `None` for all, from the start.
            bias_weight: See `TrainingLoss`; the batches must hold twins, and each process an even number of pairs.

        Raises:
            RecipeError: The batch cannot be shared evenly by the processes, or the feature loss lacks its weights.
        """
        self._processes = Processes.present()
        self._processes.check_batch(options.batch)
        self._batches, self._options, self._backend = batches, options, backend
        self._steps_per_epoch, self._steps = steps_per_epoch, options.epochs * steps_per_epoch
        self._scale_hu = scale_hu
        self._observer, self._validate, self._save = observer, validate, save

        self._network = network
        # The stub of `to` knows no memory format beside a device.
        network.to(device=backend.device, memory_format=backend.memory_format)  # type: ignore[call-overload]
        parameters = let_learn(network, learning)
        self._names = tuple(parameters)
        self._averaged = AveragedNetwork(network, options.averaging)
        self._called = self._processes.wrapped(network, backend.device)
        self._optimise = PreciseStep(tuple(parameters.values()), backend, gradient_norm=options.gradient_norm)
        self._loss = TrainingLoss(
            scale_hu=scale_hu,
            level_offset_hu=options.level_offset_hu,
            bias_weight=bias_weight,
            features=_features(options, backend),
            feature_weight=options.feature_loss.weight,
        )

        self._step = 0
        # Counted in all processes; the record is kept by the first only.
        self._validated = 0
        self._epochs = EpochRecord()
        self._losses = LossRecord()
        self._seconds_before = 0.0
        self._pace = Pace()
        self._saved = time.monotonic()

    def state(self) -> TrainerState:
        """All that is needed to go on from here; call between steps, that is from `save`, `validate` or after `run`.

        Raises:
            LossError: A loss or gradient since the last look is no number: this state is worth nothing.
        """
        self._fetch_losses()
        return TrainerState(
            tensors={
                **packed(NETWORK, self._network.state_dict()),
                **packed(AVERAGED, self._averaged.network.state_dict()),
                **packed(BEST, self._epochs.best_weights),
                **packed(OPTIMISER, self._optimise.moments(self._names)),
            },
            content={
                "step": self._step,
                "loss_sum": self._losses.sum,
                "seconds": self._pace.seconds,
                "best_epoch": self._epochs.best_epoch,
                "history": history_content(self._epochs.history),
                "scaler": self._optimise.scaler,
            },
        )

    def restore(self, state: TrainerState) -> None:
        """Go on from a state of a training of the same network and options. Call before `run`, in all processes.

        In fp32 on the processor, with the same number of threads, all numbers are those of an uninterrupted training.

        Raises:
            CheckpointError: The state is that of another network or of other learning parameters.
        """
        try:
            self._network.load_state_dict(state.part(NETWORK))
            self._averaged.network.load_state_dict(state.part(AVERAGED))
            self._optimise.restore_moments(self._names, state.part(OPTIMISER))
            self._optimise.restore_scaler(state.content["scaler"])
            self._step, self._losses.sum = state.step, state.content["loss_sum"]
            self._seconds_before = state.content["seconds"]
            best = {key: tensor.to(self._backend.device) for key, tensor in state.best_weights().items()}
            self._epochs = EpochRecord(state.history, best)
        except (KeyError, RuntimeError, TypeError) as error:
            raise CheckpointError(
                f"The checkpoint is not one of this network and these learning layers ({error}); begin a new training, "
                "or take the recipe that the checkpoint was made with."
            ) from error
        self._validated = len(self._epochs.history)

    def run(self) -> TrainingOutcome:
        """Train until the last epoch, until `patience` is used up, or until the observer stops it.

        Returns:
            What it came to, in the first process; in others it has no history and means nothing.

        Raises:
            LossError: The loss or its gradient is no number any more. The network has the weights of the best epoch.
            Cancelled: The observer wants the end at once; nothing is saved.
            TrainingError: Another process failed.
        """
        self._pace, self._saved = Pace(self._seconds_before), time.monotonic()
        try:
            self._train_until_stopped()
        except LossError:
            if self._epochs.best_weights:
                self._network.load_state_dict(self._epochs.best_weights)
                self._averaged.network.load_state_dict(self._epochs.best_weights)
            raise
        finally:
            # What joins the processes must go before they part, else PyTorch now and then waits for itself at the end.
            self._called = self._network
        return self._outcome()

    def _train_until_stopped(self) -> None:
        try:
            with Prefetcher(self._batches, self._numbers(), threads=_drawing_threads(self._backend)) as batches:
                self._train(batches)
        except StoppedError:
            if self._processes.is_first:
                self._keep(epoch_over=False)

    def _train(self, batches: Prefetcher) -> None:
        interval = Interval(self._pace)
        while True:
            if self._step == self._validated * self._steps_per_epoch:
                self._processes.lead(self._end_epoch)
                self._validated += 1
            if self._processes.lead(lambda: self._is_over_or_goes_on(interval, batches)):
                return
            self._learn(next(batches))

    def _numbers(self) -> Iterator[range]:
        for step in range(self._step, self._steps):
            yield self._processes.share(step, self._options.batch)

    def _learn(self, batch: Batch) -> None:
        batch = self._on_device(batch)
        with self._optimise.autocast():
            predicted = self._called(batch.sections / self._scale_hu)
        loss = self._loss(predicted, batch)
        watched = self._optimise(loss.objective, self._rate(self._step))
        error = self._processes.mean(loss.error)
        if self._processes.is_first:
            self._averaged.update(self._network, self._step)
            self._losses.add(error, watched)
        self._step += 1
        self._pace.steps += 1

    def _on_device(self, batch: Batch) -> Batch:
        device = self._backend.device
        return Batch(
            sections=batch.sections.to(device, memory_format=self._backend.memory_format),
            noise=batch.noise.to(device),
            noise_hu=batch.noise_hu.to(device),
        )

    def _rate(self, step: int) -> float:
        return learning_rate(step, steps=self._steps, options=self._options)

    # What follows is done in the first process only.

    def _end_epoch(self) -> bool:
        self._fetch_losses()
        loss = self._losses.sum / self._steps_per_epoch if self._validated else None
        figures = _NOTHING_MEASURED
        if self._validate is not None:
            with self._pace.validation():
                figures = self._validate(self._averaged.network, self._validated, self._check)
        news = self._epochs.add(figures, self._averaged.network, loss=loss, seconds=self._pace.seconds)
        self._losses.sum = 0.0
        self._observer.on_epoch(news)
        self._keep(epoch_over=True)
        return False

    def _is_over_or_goes_on(self, interval: Interval, batches: Prefetcher) -> bool:
        """Between two steps: see whether all is done; do what the observer wants, tell it, and save now and then."""
        if self._why_over() is not None:
            return True
        self._check()
        if interval.is_over(SECONDS_BETWEEN_NEWS):
            self._observer.on_step(self._step_news(interval, batches))
        if time.monotonic() - self._saved >= 60 * self._options.checkpoint_minutes:
            self._keep(epoch_over=False)
        return False

    def _why_over(self) -> str | None:
        """Why nothing is left to do, in a sentence."""
        if self._validated > self._options.epochs:
            return f"All {self._options.epochs} epochs are done."
        if 0 < self._options.patience <= self._epochs.epochs_since_best:
            return (
                f"Training ended early: none of {self._epochs.epochs_since_best} epochs was better than epoch "
                f"{self._epochs.best_epoch}."
            )
        return None

    def _step_news(self, interval: Interval, batches: Prefetcher) -> StepNews:
        self._fetch_losses()
        steps_per_second, data_share = interval.take(batches.waited)
        return StepNews(
            epoch=self._validated,
            epochs=self._options.epochs,
            step=self._step,
            steps=self._steps,
            loss=self._losses.recent_mean(),
            rate=self._rate(self._step - 1),
            samples_per_second=steps_per_second * self._options.batch,
            data_share=data_share,
            seconds_remaining=self._pace.remaining(
                steps=self._steps - self._step, validations=self._options.epochs + 1 - self._validated
            ),
        )

    def _check(self) -> None:
        while True:
            try:
                with self._pace.pause():
                    self._observer.check()
            except SaveWanted:
                self._keep(epoch_over=False)
            else:
                return

    def _keep(self, *, epoch_over: bool) -> None:
        if self._save is not None:
            self._save(self.state(), epoch_over)
        self._saved = time.monotonic()

    def _fetch_losses(self) -> None:
        ago = self._losses.fetch()
        if ago is not None:
            step = self._step - 1 - ago
            epoch = step // self._steps_per_epoch + 1
            raise LossError(
                f"The loss or its gradient was no number in epoch {epoch}, step {step + 1} of all, at the learning "
                f"rate {self._rate(step):.2g}. {self._epochs.what_is_left}"
            )

    def _outcome(self) -> TrainingOutcome:
        network = copy.deepcopy(self._averaged.network)
        if self._epochs.best_weights:
            network.load_state_dict(self._epochs.best_weights)
        why = self._why_over()
        return TrainingOutcome(
            epochs=max(0, self._validated - 1),
            best_epoch=self._epochs.best_epoch,
            complete=why is not None,
            reason=why or "Training was stopped; it can go on from here.",
            seconds=self._pace.seconds,
            history=self._epochs.history,
            network=network,
        )


def _features(options: TrainingOptions, backend: Backend) -> FeatureDistance | None:
    if not options.feature_loss.weight:
        return None
    return FeatureDistance.read(options.feature_loss).to(backend.device)


def _drawing_threads(backend: Backend) -> int:
    """On the processor one thread keeps up with the network, and more would take its cores."""
    return 1 if backend.device == "cpu" else min(4, os.cpu_count() or 1)

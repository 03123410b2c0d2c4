"""What a model of the store does to volumes, with or without a clean counterpart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.measure.image import Grid
from CTDenoiseLib.models import Model
from CTDenoiseLib.volume import Volume

from ..errors import DataError
from ..evaluation import NothingToMeasureError
from .before_after import BeforeAfter
from .figures import WINDOW_HU, FigureMeter, FlatTissue, Range, Terms
from .spread import spread


@dataclass(frozen=True)
class EvaluatedVolume:
    """A volume to denoise, and what it should become.

    Attributes:
        noisy: To denoise.
        clean: The same voxels with less noise; `None` where nobody knows.
        name: For the table and for messages.
    """

    noisy: Volume
    clean: Volume | None = None
    name: str = "volume"


def evaluate_model(  # noqa: PLR0913 - what, on what, how, in which terms, and who watches
    model: Model,
    volumes: Sequence[EvaluatedVolume],
    *,
    backend: Backend,
    most_sections: int | None = None,
    window_hu: Range | None = WINDOW_HU,
    data_range_hu: float | None = None,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
    cancelled: Callable[[], bool] | None = None,
) -> BeforeAfter:
    """Denoise volumes as `ctdenoise run` does at full strength, and measure over all of them together.

    Args:
        model: The model.
        volumes: At least one; either all have a clean counterpart, or none.
        backend: Device and precision.
        most_sections: At most so many sections of each volume, evenly spread; `None` takes all.
        window_hu: See `Validator`.
        data_range_hu: See `Validator`.
        on_progress: Told how many sections are done, and how many there are.
        cancelled: Asked before each layer of the network; `True` ends it with `Cancelled`.

    Returns:
        Figures of the input and of the output: RMSE, PSNR and SSIM against the clean volumes where there are any; in
        any case noise, noise reduction, residual index and HU bias.

    Raises:
        DataError: A clean volume has other voxels than its noisy one, or only some volumes have one.
        MismatchError: A volume is of another modality than the model is made for.
        NothingToMeasureError: No section shows a body with soft tissue, and there is no clean counterpart.
        Cancelled: It was cancelled.
    """
    _check(volumes)
    targets = [(volume.noisy if volume.clean is None else volume.clean).hu for volume in volumes]
    terms = Terms.choose(window_hu, data_range_hu, images=lambda: targets)
    before, after = FigureMeter(terms), FigureMeter(terms)
    orders = [spread(volume.noisy.shape[0], most=most_sections) for volume in volumes]
    denoiser, done, total = Denoiser(model, backend), 0, sum(map(len, orders))
    for volume, order in zip(volumes, orders, strict=True):
        for denoised in denoiser.sections(volume.noisy, order=order, cancelled=cancelled):
            hu = volume.noisy.section(denoised.index)
            target = None if volume.clean is None else volume.clean.section(denoised.index)
            tissue = FlatTissue(hu)
            before.add(hu, hu, tissue=tissue, target=target)
            after.add(hu, denoised.output, tissue=tissue, target=target)
            done += 1
            on_progress(done, total)
    table = BeforeAfter(
        before_is="input", before=before.result(), after=after.result(), data=_in_words(volumes, orders), terms=terms
    )
    if not table.rows:
        raise NothingToMeasureError(f"None of the {total} sections shows a body with soft tissue; give clean volumes.")
    return table


def _check(volumes: Sequence[EvaluatedVolume]) -> None:
    if not volumes:
        raise DataError("There is no volume to evaluate the model on; name one at least.")
    for volume in volumes:
        if (volume.clean is None) != (volumes[0].clean is None):
            raise DataError("Only some of the volumes have a clean counterpart; give one to all of them, or to none.")
        if volume.clean is not None and not _grid(volume.clean).is_same_as(_grid(volume.noisy)):
            raise DataError(
                f"The clean counterpart of {volume.name} has other voxels ({_size(volume.clean)}) than the noisy one "
                f"({_size(volume.noisy)}); give the reconstruction of the same scan with the same sections and pixels."
            )


def _grid(volume: Volume) -> Grid:
    return Grid.of(volume.geometry, volume.shape)


def _size(volume: Volume) -> str:
    size = " × ".join(map(str, volume.shape))
    return f"{size} of {' × '.join(f'{step:.3g}' for step in volume.geometry.spacing)} mm"


def _in_words(volumes: Sequence[EvaluatedVolume], orders: Sequence[Sequence[int]]) -> str:
    return "; ".join(
        f"{volume.name}, {len(order)} of {volume.noisy.shape[0]} sections"
        for volume, order in zip(volumes, orders, strict=True)
    )

"""What a worker says of a training, with figures that look like those of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from CTDenoiseTrainLib.worker.messages import (
    DataSeen,
    EpochDone,
    PreviewReady,
    SeenVolume,
    StepDone,
    Trained,
)

from .ct_series import anatomy

IDENTITY = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
SPACING = (1.0, 0.5, 0.5)
NOISE_HU = 40.0


def step(number: int = 1, *, epochs: int = 4, steps: int = 40, loss: float = 900.0) -> StepDone:
    """A step of a training of 10 steps an epoch."""
    return StepDone(
        job=0,
        epoch=(number - 1) * epochs // steps + 1,
        epochs=epochs,
        step=number,
        steps=steps,
        loss=loss,
        rate=1e-3,
        samples_per_second=160.0,
        data_share=0.05,
        seconds_remaining=60.0,
    )


def epoch(number: int, *, validation_loss: float | None = 625.0, best: bool = True, **figures: Any) -> EpochDone:
    """An epoch."""
    fields = {"rmse": 25.0, "psnr": 42.0, "ssim": 0.91, "noise_reduction": 55.0, "residual_index": 1.02} | figures
    return EpochDone(
        job=0,
        epoch=number,
        loss=700.0 if number else None,
        validation_loss=validation_loss,
        best=best,
        seconds=12.0 * number,
        **fields,
    )


def trained(**changes: Any) -> Trained:
    """The end of a training."""
    fields = {
        "epochs": 4,
        "best_epoch": 3,
        "complete": True,
        "reason": "All epochs are done.",
        "seconds": 48.0,
        "table": (("RMSE [HU]", "40.0", "21.3"), ("SSIM", "0.78", "0.93")),
    }
    return Trained(job=0, **(fields | changes))


def data_seen(
    folder: Path, *, sections: int = 6, origin: tuple[float, float, float] = (0.0, 0.0, 0.0), side: int = 16
) -> DataSeen:
    """A look at a body in noise, and at its patches, in files."""
    folder.mkdir(parents=True, exist_ok=True)
    target = anatomy((sections, 48, 40), noise_hu=0.0)
    noise = _noise(target.shape)
    images = {"input": target + noise, "target": target, "noise": noise}
    patches = {role: np.tile(hu[:, 16 : 16 + side, 12 : 12 + side], (2, 1, 1)) for role, hu in images.items()}
    return DataSeen(
        job=0,
        volumes=tuple(_volume(folder / f"{role}.npy", hu, role, origin) for role, hu in images.items()),
        patches=tuple(_volume(folder / f"patches-{role}.npy", hu, role) for role, hu in patches.items()),
        facts=(("Noise [HU]", "40"), ("Leakage of anatomy", "0.03, none")),
        warnings=("The images are those of one patient.",),
        training_sections=90,
        validation_sections=10,
        split="One patient: sections 91 to 100 are held out.",
    )


def preview(folder: Path, *, epoch_number: int = 1, left: float = 0.5, target: bool = True) -> PreviewReady:
    """Validation sections of which a share of the noise is left, in files that take the place of those before."""
    folder.mkdir(parents=True, exist_ok=True)
    clean = anatomy((3, 48, 40), noise_hu=0.0)
    noise = _noise(clean.shape)
    files = {"input": clean + noise, "now": clean + left * noise, "target": clean}
    for name, hu in files.items():
        making = folder / f"{name}.making.npy"
        np.save(making, hu)
        making.replace(folder / f"{name}.npy")
    return PreviewReady(
        job=0,
        input=str(folder / "input.npy"),
        now=str(folder / "now.npy"),
        target=str(folder / "target.npy") if target else None,
        spacing=SPACING,
        epoch=epoch_number,
    )


def _noise(shape: tuple[int, ...]) -> Any:
    return (NOISE_HU * np.random.default_rng(1).standard_normal(shape)).astype(np.float32)


def _volume(path: Path, hu: Any, role: str, origin: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> SeenVolume:
    np.save(path, hu)
    return SeenVolume(
        file=str(path), role=role, title=f"The {role}", spacing=SPACING, origin=origin, direction=IDENTITY
    )

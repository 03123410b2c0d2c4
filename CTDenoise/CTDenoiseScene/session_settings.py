"""What a denoise session is asked for, and where it stands."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from CTDenoiseLib.errors import CTDenoiseError


class SettingsError(CTDenoiseError):
    """The settings do not fit the volume."""


class SessionState(enum.Enum):
    """Where a session stands. From IDLE over STARTING and RUNNING it ends in one of the last three."""

    IDLE = "idle"
    STARTING = "starting"  # worker and model are being loaded; there are no nodes yet
    RUNNING = "running"
    CANCELLING = "cancelling"
    FAILED = "failed"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more comes from the worker."""
        return self in (SessionState.FAILED, SessionState.DONE, SessionState.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class DenoiseSettings:
    """What the user chose.

    Attributes:
        model_folder: Where card and weights lie.
        model_name: Name of the model.
        device: "auto" or a device of the worker, such as "cuda:0".
        precision: "auto", "fp32", "fp16" or "bf16".
        sections: Indices of the sections to denoise; `None` for all.
        strength: Share of the noise to subtract, 0 to 1.
        replace: Whether the latest result of the same input is overwritten; else there will be one more.
        modality: DICOM modality of the input where known, such as "CT".
        padding_hu: Lowest and highest HU that mean "no data" in the input, where known.
    """

    model_folder: Path
    model_name: str
    device: str = "auto"
    precision: str = "auto"
    sections: tuple[int, ...] | None = None
    strength: float = 1.0
    replace: bool = False
    modality: str | None = None
    padding_hu: tuple[float, float] | None = None

    def sections_of(self, count: int) -> tuple[int, ...]:
        """The sections to denoise of a volume that has so many.

        Raises:
            SettingsError: None, or one that the volume does not have.
        """
        sections = tuple(range(count)) if self.sections is None else tuple(dict.fromkeys(self.sections))
        if not sections or not 0 <= min(sections) <= max(sections) < count:
            raise SettingsError(f"The volume has {count} sections; choose a range within them.")
        return sections

"""The protocol between the worker and its client: one message a line, in JSON, checked strictly on arrival.

Sections are counted from 0. Files are `.npy`, in C order, shape (z, y, x); both sides have them open at the same time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, NoReturn

from .codec import from_plain, to_plain
from .export_messages import EXPORT_MESSAGES
from .measure_messages import MEASURE_MESSAGES
from .message_base import JobDone, JobInstruction, JobNews, JobRequest, Message, ModelJobRequest, ProtocolError

PROTOCOL_VERSION = 1

__all__ = [
    "PROTOCOL_VERSION",
    "Cancel",
    "Denoise",
    "DenoiseDone",
    "DeviceInfo",
    "Devices",
    "Estimate",
    "Estimated",
    "Failed",
    "JobCancelled",
    "JobDone",
    "JobFailed",
    "JobInstruction",
    "JobNews",
    "JobProgress",
    "JobRequest",
    "ListDevices",
    "LoadModel",
    "Message",
    "ModelJobRequest",
    "ModelLoaded",
    "Note",
    "Prioritise",
    "ProtocolError",
    "Quit",
    "Ready",
    "SectionDone",
    "SectionsReady",
    "decode",
    "encode",
    "register",
]


# To the worker.


@dataclass(frozen=True)
class ListDevices(Message):
    """Asks for `Devices`."""


@dataclass(frozen=True)
class LoadModel(Message):
    """Asks to load a model onto a device, where it stays for all further jobs; answered by `ModelLoaded`.

    Attributes:
        folder: Where the two files of the model lie.
        name: Of the model.
        device: "auto", "cuda:N", "cuda:all", "mps" or "cpu".
        precision: "auto", "fp32", "bf16" or "fp16".
    """

    folder: str
    name: str
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True)
class Estimate(Message):
    """Asks what denoising with the loaded model will cost, which may have to be measured; answered by `Estimated`.

    Attributes:
        rows: Of the sections to come.
        columns: Of the sections to come.
    """

    rows: int
    columns: int


@dataclass(frozen=True)
class Denoise(ModelJobRequest):
    """Asks for the noise of sections with the loaded model; answered by `SectionDone` for each and `DenoiseDone`.

    Attributes:
        input: File with HU, int16 or float32. The worker reads a section only when it was told that it is there, by
            `ready` or by `SectionsReady`.
        noise: File for the predicted noise at full strength, int16 in steps of `noise_step_hu`, clipped to what that
            holds. The worker writes it section by section.
        shape: Of both files: sections, rows, columns.
        order: Sections to denoise, in this order, each once. The first is a batch of its own, so that it is there soon.
        noise_step_hu: HU of one step of the noise file.
        modality: DICOM modality of the input; `None` if it says nothing.
        padding_hu: Lowest and highest HU that mark "no data"; `None` without.
        ready: Sections of the input file that are there already.
    """

    input: str
    noise: str
    shape: tuple[int, int, int]
    order: tuple[int, ...]
    noise_step_hu: float = 0.1
    modality: str | None = None
    padding_hu: tuple[float, float] | None = None
    ready: Literal["all"] | tuple[int, ...] = "all"


@dataclass(frozen=True)
class SectionsReady(JobInstruction):
    """These sections of the input file are there now."""

    sections: tuple[int, ...]


@dataclass(frozen=True)
class Prioritise(JobInstruction):
    """These sections come next, in this order and in a batch of their own; those that are done are left out."""

    sections: tuple[int, ...]


@dataclass(frozen=True)
class Cancel(JobInstruction):
    """Ends a job within a second, also one that waits for its turn; answered by `JobCancelled` unless it just ended."""


@dataclass(frozen=True)
class Quit(Message):
    """Ends the worker at once, whatever it does. The end of its standard input does the same."""


# From the worker.


@dataclass(frozen=True)
class Ready(Message):
    """The worker runs and takes requests; torch is not loaded yet.

    Attributes:
        protocol: The version that it speaks.
        process_id: Of the worker itself, which can differ from that of the program that started it.
    """

    protocol: int
    process_id: int


@dataclass(frozen=True)
class DeviceInfo:
    """A device and what it is able to do.

    Attributes:
        name: As in `LoadModel`: "cuda:0", "mps" or "cpu".
        kind: "cuda", "mps" or "cpu".
        description: What its maker calls it.
        free_memory: Bytes that a run may still take.
        total_memory: Bytes in all.
        precisions: Those it computes in, the one for "auto" first.
    """

    name: str
    kind: str
    description: str
    free_memory: int
    total_memory: int
    precisions: tuple[str, ...]


@dataclass(frozen=True)
class Devices(Message):
    """The devices of this machine, the processor last."""

    devices: tuple[DeviceInfo, ...]


@dataclass(frozen=True)
class ModelLoaded(Message):
    """A model is on its device.

    Attributes:
        name: Of the model.
        version: Of the model.
        weights_sha256: Of its weights file.
        context: Sections to each side that the model looks at.
        device: "cuda:0", "mps" or "cpu".
        device_name: What its maker calls it.
        precision: "fp32", "bf16" or "fp16".
        reason: Why device and precision were taken, in words.
    """

    name: str
    version: str
    weights_sha256: str
    context: int
    device: str
    device_name: str
    precision: str
    reason: str


@dataclass(frozen=True)
class Estimated(Message):
    """What denoising will cost.

    Attributes:
        seconds_per_section: When the model is loaded and at work.
        memory_bytes: What the worker takes at most on the device, beyond input and output.
        from_last_run: Whether the last run with this model on this device told the time, rather than a calibration.
    """

    seconds_per_section: float
    memory_bytes: int
    from_last_run: bool


@dataclass(frozen=True)
class SectionDone(JobNews):
    """The noise of a section is in the file.

    Attributes:
        section: Which.
        passed_through: Voxels left unchanged: padding, and values outside the range of HU that the model saw.
    """

    section: int
    passed_through: int


@dataclass(frozen=True)
class JobProgress(JobNews):
    """How far a job is.

    Attributes:
        done: Sections done.
        total: Sections in all.
        sections_per_second: Mean since the job began.
        seconds_remaining: At that rate.
    """

    done: int
    total: int
    sections_per_second: float
    seconds_remaining: float


@dataclass(frozen=True)
class Note(JobNews):
    """Something the user should know about a job, such as smaller batches because memory ran out: a sentence."""

    text: str


@dataclass(frozen=True)
class DenoiseDone(JobDone):
    """All sections asked for are denoised.

    Attributes:
        sections: How many.
        seconds: Since the job began.
        passed_through: Voxels left unchanged in all.
        clipped: Voxels whose noise is larger than the file can hold.
        batch_size: Sections that went through the network at once, last.
        tiles: Tiles that each section was divided into, last; 1 means whole sections.
    """

    sections: int
    seconds: float
    passed_through: int
    clipped: int
    batch_size: int
    tiles: int


@dataclass(frozen=True)
class JobCancelled(JobNews):
    """A job ended because the client asked for it; the worker has let go of its files.

    Attributes:
        done: Sections done until then.
    """

    done: int


@dataclass(frozen=True)
class JobFailed(JobNews):
    """A job ended by an error, in a sentence for the user; what was finished stays."""

    sentence: str


@dataclass(frozen=True)
class Failed(Message):
    """A request that is no job failed.

    Attributes:
        request: Kind of the request, such as "LoadModel".
        sentence: Why, for the user.
    """

    request: str
    sentence: str


_KINDS: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (
        *(ListDevices, LoadModel, Estimate, Denoise, SectionsReady, Prioritise, Cancel, Quit),
        *(Ready, Devices, ModelLoaded, Estimated, Failed),
        *(SectionDone, JobProgress, Note, DenoiseDone, JobCancelled, JobFailed),
        *EXPORT_MESSAGES,
        *MEASURE_MESSAGES,
    )
}


def register(*kinds: type[Message]) -> None:
    """Make messages of another package known to this process; both sides must do so. Nothing happens twice.

    Raises:
        ValueError: There is another kind of that name.
    """
    for kind in kinds:
        if _KINDS.setdefault(kind.__name__, kind) is not kind:
            raise ValueError(f"There are two kinds of messages of the name “{kind.__name__}”.")


def encode(message: Message) -> bytes:
    """A message as one line of JSON, with its line break.

    Raises:
        ProtocolError: A number is infinite or not a number, which JSON cannot say.
    """
    content = {"kind": type(message).__name__} | to_plain(message)
    try:
        # Not in ASCII only on purpose: paths may hold half of a surrogate pair, which UTF-8 cannot write.
        return json.dumps(content, allow_nan=False).encode("ascii") + b"\n"
    except ValueError as error:
        raise ProtocolError(f"A message “{content['kind']}” cannot be sent: {error}.") from error


def decode(line: bytes) -> Message:
    """The message in a line.

    Errors tell nothing of the content, which can hold names of patients.

    Raises:
        ProtocolError: Not JSON, of an unknown kind, with a field too few or too many, or with a value of a wrong type.
    """
    try:
        content = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"A line of {len(line)} bytes is no message: {error}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
        raise ProtocolError(f"A line of {len(line)} bytes is no message: it names no kind.")
    name = content.pop("kind")
    if name not in _KINDS:
        raise ProtocolError(f"A message is of the kind “{name[:40]}”, which this version does not know.")
    return from_plain(_KINDS[name], content)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")

"""Copies sections of volume nodes into files that the worker reads, one section a step."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.worker.sample import Sample, SampledPair
from CTDenoiseLib.worker.section_file import SectionFile

from .input_sections import InputSections
from .node_geometry import node_geometry
from .scan_facts import scan_facts

if TYPE_CHECKING:
    from pathlib import Path

    import slicer

    from CTDenoiseLib.worker.workplace import Workplace

    from .headers import HeaderSource
    from .results import Results


class CopyError(CTDenoiseError):
    """Voxels cannot be copied."""


def copy_sections(
    source: InputSections,
    sections: Sequence[int],
    path: Path,
    *,
    share: tuple[float, float] = (0.0, 1.0),
) -> Generator[float, None, None]:
    """Copy some sections.

    Args:
        source: A volume.
        sections: Indices.
        path: A file of as many sections, made by `new_file`.
        share: Which part of a whole preparation this is; yields how far that is.

    Raises:
        CopyError: While iterating: the disk is full or fails.
        InputError: While iterating: the volume was replaced.
    """
    file = SectionFile(path, writable=True)
    start, end = share
    try:
        for place, index in enumerate(sections):
            file.write(place, source.section(index))
            yield start + (end - start) * (place + 1) / len(sections)
    except OSError as error:
        raise CopyError(
            f"The temporary file {path} cannot be written ({error.strerror}); make room on its disk and try again."
        ) from error
    finally:
        file.close()


def new_file(source: InputSections, sections: int, workplace: Workplace, name: str) -> Path:
    """An empty file for so many sections of a volume.

    Raises:
        WorkplaceError: There is no room for it.
    """
    return workplace.create_map(name, shape=(sections, *source.shape[1:]), dtype=source.dtype)


def copy_pair(
    results: Results, sections: Sequence[int], workplace: Workplace, headers: HeaderSource | None
) -> Generator[float, None, SampledPair]:
    """Copy some sections of input and output.

    Args:
        results: With its input.
        sections: Indices.
        workplace: Where the copies go.
        headers: Where DICOM headers are kept, if anywhere.

    Raises:
        CTDenoiseError: While iterating: the input is gone, a volume was replaced, or the disk is full.
    """
    if results.input is None:
        raise CopyError("The input was removed from the scene, and the result cannot be compared with it any more.")
    padding = scan_facts(results.input, headers).padding_hu
    before = yield from copy_sample(results.input, sections, workplace, padding_hu=padding, share=(0.0, 0.5))
    after = yield from copy_sample(results.output, sections, workplace, padding_hu=padding, share=(0.5, 1.0))
    return SampledPair(before=before, after=after)


def copy_sample(
    node: slicer.vtkMRMLScalarVolumeNode,
    sections: Sequence[int],
    workplace: Workplace,
    *,
    padding_hu: tuple[float, float] | None,
    share: tuple[float, float] = (0.0, 1.0),
) -> Generator[float, None, Sample]:
    """Copy some sections of one volume.

    Raises:
        CTDenoiseError: While iterating: the volume was replaced, or the disk is full.
    """
    source = InputSections(node)
    path = new_file(source, len(sections), workplace, f"sample-{node.GetID()}")
    yield from copy_sections(source, sections, path, share=share)
    return Sample(
        file=str(path),
        sections=tuple(sections),
        sections_in_all=source.shape[0],
        spacing=node_geometry(node).spacing,
        padding_hu=padding_hu,
    )

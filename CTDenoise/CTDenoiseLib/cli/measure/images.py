"""Images to measure, read from files, with what the record says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...dicom.errors import SeriesChoiceError
from ...measure.image import Grid, MeasuredImage
from ...measure.record import ImageIdentity
from ...measure.unique_names import unique_names
from ...volume import Volume
from ...volume_files import VOLUME_SUFFIXES
from ..progress import RunProgress
from ..source import Source, find_image
from .address import Address
from .errors import OptionError
from .provenance import Provenance, provenance_of


@dataclass(frozen=True, eq=False)
class LoadedImage:
    """An image in memory.

    Attributes:
        image: What is measured, in LPS.
        volume: The same with all that the source says.
        identity: What the record says of it; no names of people or folders.
        label: What it is, in words.
    """

    image: MeasuredImage
    volume: Volume
    identity: ImageIdentity
    label: str

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.image.name


def load_images(texts: Sequence[str], progress: RunProgress) -> tuple[LoadedImage, ...]:
    """Find all images, then read them.

    Args:
        texts: Addresses as the user wrote them.
        progress: Shows what is done.

    Raises:
        CTDenoiseError: A path, series or volume is not what it should be, or two images were given the same name.
    """
    addresses = [Address.parse(text) for text in texts]
    given = [address.name for address in addresses if address.name]
    if len(set(given)) < len(given):
        raise OptionError(f"Two images have the same name ({', '.join(given)}); give them different ones.")
    progress.step("Searching")
    found = [(address, source, provenance_of(source.series)) for address, source in _search(addresses)]
    names = unique_names([address.name or _name(source, provenance) for address, source, provenance in found])
    loaded = []
    for name, (_, source, provenance) in zip(names, found, strict=True):
        progress.step(f"Reading {name}")
        volume = source.read()
        image = MeasuredImage.of(volume, name=name)
        loaded.append(LoadedImage(image, volume, _identity(name, source, provenance), source.label(volume)))
    return tuple(loaded)


def extent_in_words(grid: Grid) -> str:
    """Between which LPS places in mm the voxel centres of an image lie, such as "x −120.0 to 119.5, y …"."""
    shape = np.array(grid.shape)
    corners = grid.to_world(np.array(list(np.ndindex(2, 2, 2))) * (shape - 1))
    ends = zip("xyz", corners.min(axis=0), corners.max(axis=0), strict=True)
    return ", ".join(f"{axis} {low:.1f} to {high:.1f}" for axis, low, high in ends).replace("-", "−")


def _search(addresses: Sequence[Address]) -> list[tuple[Address, Source]]:
    found = []
    for address in addresses:
        try:
            found.append((address, find_image(address.path, series=address.series)))
        except SeriesChoiceError as problem:
            raise OptionError(f"{problem}\nWrite it behind the folder, such as {address.path}#1.") from problem
    return found


def _name(source: Source, provenance: Provenance | None) -> str:
    """By the file, or by the kernel of a series: names of folders may be those of people."""
    if source.series is None:
        suffix = next(end for end in sorted(VOLUME_SUFFIXES, key=len) if source.path.name.lower().endswith(end))
        return source.path.name[: -len(suffix)]
    kernel = source.series.kernel or source.series.acquisition.modality or "CT"
    return kernel if provenance is None else f"{kernel} {provenance.kind}"


def _identity(name: str, source: Source, provenance: Provenance | None) -> ImageIdentity:
    series = source.series
    return ImageIdentity(
        name=name,
        study_uid=None if series is None else series.study_uid,
        series_uid=None if series is None else series.uid,
        file=source.path.name if series is None else None,
        model=None if provenance is None else provenance.model,
        model_version=None if provenance is None else provenance.version,
        weights_sha256=None if provenance is None else provenance.weights_sha256,
        strength=None if provenance is None else provenance.strength,
    )

"""Sample data of extensions."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import Any


@dataclass
class SampleData:
    """Stands for Slicer's module `SampleData`, as far as registering goes.

    Attributes:
        sources: What was registered, keyword by keyword.
    """

    sources: list[dict[str, Any]] = field(default_factory=list)

    def registerCustomSampleDataSource(
        self,
        *,
        category: str = "Custom",
        sampleName: str | None = None,
        uris: str | list[str] | None = None,
        fileNames: str | list[str] | None = None,
        nodeNames: str | list[str] | None = None,
        customDownloader: Any = None,
        thumbnailFileName: str | None = None,
        loadFileType: str | list[str] | None = "VolumeFile",
        loadFiles: bool | list[bool] | None = None,
        loadFileProperties: dict[str, Any] | None = None,
        checksums: str | list[str] | None = None,
    ) -> None:
        """Takes what Slicer takes, and is as strict: there is one file, node and checksum for each address."""
        source = {name: value for name, value in locals().items() if name != "self"}
        for name in ("fileNames", "nodeNames", "checksums"):
            value = source[name]
            if value is not None and _count(value) != _count(uris):
                raise ValueError(f"{name} and uris differ in length.")
        self.sources.append(source)

    def module(self) -> ModuleType:
        """The module `SampleData`."""
        module = ModuleType("SampleData", SampleData.__doc__)
        module.SampleDataLogic = self
        return module


def _count(value: str | list[str] | None) -> int:
    return len(value) if isinstance(value, list) else int(value is not None)

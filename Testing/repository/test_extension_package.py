"""The extension as CMake packages it, against a stand-in for Slicer's CMake interface."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from repository.cmake_lists import MODULES, REPOSITORY, files_in_tree

SLICER = Path(__file__).parent / "slicer_stand_in"
SCRIPTED_MODULES = Path("lib", "Slicer-5.12", "qt-scripted-modules")
BUNDLED_MODELS = sorted(
    path.name for path in (REPOSITORY / "Resources" / "Models").iterdir() if path.suffix in {".json", ".safetensors"}
)


@pytest.fixture(scope="session")
def build(program, tmp_path_factory) -> Path:
    """The build tree of the extension."""
    folder = tmp_path_factory.mktemp("extension_build")
    # Nothing is compiled, so any program does as a compiler.
    compilers = [
        f"-DCMAKE_{language}_{setting}"
        for language in ("C", "CXX")
        for setting in (f"COMPILER={sys.executable}", "COMPILER_ID_RUN=TRUE", "COMPILER_FORCED=TRUE")
    ]
    _run(program("cmake"), "-S", REPOSITORY, "-B", folder, f"-DSlicer_DIR={SLICER}", *compilers)
    return folder


@pytest.fixture(scope="session")
def installed(program, build, tmp_path_factory) -> Path:
    """The folder of scripted modules in the installed extension."""
    prefix = tmp_path_factory.mktemp("extension_installed")
    _run(program("cmake"), "--install", build, "--prefix", prefix, "--component", "RuntimeLibraries")
    return prefix / SCRIPTED_MODULES


def _run(*command: object, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _expected_files() -> set[str]:
    modules = (files for module in MODULES for files in files_in_tree(REPOSITORY / module).values())
    return {file for files in modules for file in files} | {f"Resources/Models/{name}" for name in BUNDLED_MODELS}


def test_build_tree_holds_every_module_file_and_model(build):
    assert _files(build / SCRIPTED_MODULES) == _expected_files()


def test_package_holds_every_module_file_and_model(installed):
    assert _files(installed) == _expected_files()


def test_installed_library_lists_the_bundled_models_without_torch(installed):
    script = (
        "import json, sys; import CTDenoiseLib; from CTDenoiseLib.models.store import ModelStore; "
        "names = [model.card.weights.file for model in ModelStore.default().models() if model.bundled]; "
        "print(json.dumps([CTDenoiseLib.__file__, names, 'torch' in sys.modules]))"
    )
    library, weights, torch_was_imported = json.loads(_run(sys.executable, "-c", script, PYTHONPATH=str(installed)))
    assert Path(library).resolve().is_relative_to(installed.resolve())
    assert weights
    assert weights == [name for name in BUNDLED_MODELS if name.endswith(".safetensors")]
    assert not torch_was_imported


def test_catalogue_entry_agrees_with_cmake(build):
    entry = json.loads((REPOSITORY / "CTDenoise.json").read_text(encoding="utf-8"))
    lines = (build / "CTDenoise.s4ext").read_text(encoding="utf-8").splitlines()
    description = {key: value for key, _, value in (line.partition(" ") for line in lines)}
    assert description["depends"].split() == entry["build_dependencies"]
    assert description["category"] == entry["category"]
    assert description["homepage"] == entry["scm_url"]
    pictures = [description["iconurl"], *description["screenshoturls"].split()]
    for url in pictures:
        assert (REPOSITORY / url.removeprefix(f"{entry['scm_url']}/raw/{entry['scm_revision']}/")).is_file(), url


def test_catalogue_entry_is_as_slicer_demands():
    text = {"type": "string"}
    schema = {
        "type": "object",
        "required": ["$schema", "category", "scm_url"],
        "additionalProperties": False,
        "properties": {
            "$schema": text,
            "category": text,
            "scm_url": text,
            "scm_revision": text,
            "scm_type": {"enum": ["git", "local"]},
            "build_dependencies": {"type": "array", "items": text},
            "build_subdirectory": text,
            "enabled": {"type": "boolean"},
            "tier": {"enum": [1, 3, 5]},
        },
    }
    jsonschema.validate(json.loads((REPOSITORY / "CTDenoise.json").read_text(encoding="utf-8")), schema)


@pytest.mark.parametrize(
    "icon",
    [
        "Resources/Icons/CTDenoise.png",
        "CTDenoise/Resources/Icons/CTDenoise.png",
        "CTDenoiseTrain/Resources/Icons/CTDenoiseTrain.png",
    ],
)
def test_icons_are_png_of_128_pixels(icon):
    header = (REPOSITORY / icon).read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:]) == (128, 128)

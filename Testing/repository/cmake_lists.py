"""The file lists in the CMakeLists.txt of the Slicer modules, and the files that belong in them.

Slicer packages what the lists name and nothing else. To list what the tree holds now:

    python Testing/repository/cmake_lists.py --write
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = ("CTDenoise", "CTDenoiseTrain")
SCRIPTS = "MODULE_PYTHON_SCRIPTS"
RESOURCES = "MODULE_PYTHON_RESOURCES"

FileLists = dict[str, list[str]]


def files_in_tree(module: Path) -> FileLists:
    """The files of a module folder: Python files under SCRIPTS, all others under RESOURCES."""
    files = sorted(
        path.relative_to(module).as_posix()
        for path in module.rglob("*")
        if path.is_file() and path.name != "CMakeLists.txt" and not _is_by_product(path.relative_to(module))
    )
    return {
        SCRIPTS: [file for file in files if file.endswith(".py")],
        RESOURCES: [file for file in files if not file.endswith(".py")],
    }


def files_in_cmake(module: Path) -> FileLists:
    """The files that a module's CMakeLists.txt names."""
    text = (module / "CMakeLists.txt").read_text(encoding="utf-8")
    return {name: _block(name).search(text)["files"].split() for name in (SCRIPTS, RESOURCES)}


def write_cmake(module: Path) -> None:
    """Make a module's CMakeLists.txt name the files in its folder."""
    cmake_lists = module / "CMakeLists.txt"
    text = cmake_lists.read_text(encoding="utf-8")
    for name, files in files_in_tree(module).items():
        listing = "".join(f"  {file}\n" for file in files)
        text = _block(name).sub(lambda match, listing=listing: match["head"] + listing + match["tail"], text)
    cmake_lists.write_text(text, encoding="utf-8", newline="\n")


def _block(name: str) -> re.Pattern[str]:
    """The CMake statement that sets a list, one file a line."""
    return re.compile(rf"(?P<head>^set\({name}\n)(?P<files>(?:  [^\s)]+\n)*)(?P<tail>  \)\n)", re.MULTILINE)


def _is_by_product(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for module_name in MODULES:
        write_cmake(REPOSITORY / module_name)

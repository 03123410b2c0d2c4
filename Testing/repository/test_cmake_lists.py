"""The file lists in the CMakeLists.txt of each module name exactly the files of the module."""

from __future__ import annotations

import shutil

import pytest

from repository.cmake_lists import MODULES, REPOSITORY, RESOURCES, SCRIPTS, files_in_cmake, files_in_tree, write_cmake

HOW_TO_MEND = "run: python Testing/repository/cmake_lists.py --write"


@pytest.mark.parametrize("kind", [SCRIPTS, RESOURCES])
@pytest.mark.parametrize("module", MODULES)
def test_every_file_is_listed_and_every_listed_file_exists(module, kind):
    tree, listed = files_in_tree(REPOSITORY / module)[kind], files_in_cmake(REPOSITORY / module)[kind]
    missing, stale = sorted(set(tree) - set(listed)), sorted(set(listed) - set(tree))
    assert not missing, f"{module}/CMakeLists.txt lacks in {kind}: {', '.join(missing)}; {HOW_TO_MEND}"
    assert not stale, f"{module}/CMakeLists.txt names in {kind} what is not there: {', '.join(stale)}; {HOW_TO_MEND}"
    assert listed == tree, f"{kind} of {module}/CMakeLists.txt is not sorted or names a file twice; {HOW_TO_MEND}"


def test_a_new_file_is_noticed_and_written_down(tmp_path):
    module = tmp_path / "CTDenoise"
    shutil.copytree(REPOSITORY / "CTDenoise", module)
    (module / "CTDenoiseLib" / "brand_new.py").touch()
    (module / "Resources" / "new.ui").touch()
    (module / "CTDenoiseLib" / "__pycache__").mkdir(exist_ok=True)
    (module / "CTDenoiseLib" / "__pycache__" / "old.pyc").touch()
    assert files_in_cmake(module) != files_in_tree(module)

    write_cmake(module)

    assert files_in_cmake(module) == files_in_tree(module)
    assert "CTDenoiseLib/brand_new.py" in files_in_cmake(module)[SCRIPTS]
    assert "Resources/new.ui" in files_in_cmake(module)[RESOURCES]
    assert "slicerMacroBuildScriptedModule" in (module / "CMakeLists.txt").read_text(encoding="utf-8")

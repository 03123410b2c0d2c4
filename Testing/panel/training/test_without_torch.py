"""The process that draws windows trains nothing, and so has no use for torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "CTDenoiseTrain" / "CTDenoiseTrainPanel"
LAYERS_BELOW = ("CTDenoiseLib", "CTDenoiseScene", "CTDenoiseTrainLib", "CTDenoiseTrainScene")


def test_whatever_the_panel_imports_leaves_torch_out():
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.py"))
    imports = [node.module or "" for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    below = sorted({name for name in imports if name.split(".")[0] in LAYERS_BELOW})
    assert "CTDenoiseTrainLib.runs.run_folder" in below
    code = f"import sys, {', '.join(below)}; print(*{{'torch', 'monai'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

"""The module files that Slicer loads, run against stand-ins for Slicer and Qt."""

from __future__ import annotations

import ast
import importlib.util
import sys
import unittest
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import MagicMock

import pytest

from CTDenoiseLib.models.store import ModelStore
from repository.cmake_lists import MODULES, REPOSITORY
from support.tiny_model import tiny_store

PART_OF_SLICER = {"ctk", "numpy", "qt", "slicer", "vtk"}
QT_CLASSES = ("QAbstractItemView", "QHeaderView", "QLabel", "QTableWidget", "QTableWidgetItem")


class ModuleBase:
    def __init__(self, parent):
        self.parent = parent


class WidgetBase:
    def __init__(self):
        self.layout = MagicMock()

    def setup(self):
        """Slicer makes its reload buttons here."""


@pytest.fixture
def load(monkeypatch):
    """Loads the file of a Slicer module."""
    module_classes = {
        "ScriptedLoadableModule": ModuleBase,
        "ScriptedLoadableModuleWidget": WidgetBase,
        "ScriptedLoadableModuleLogic": object,
        "ScriptedLoadableModuleTest": unittest.TestCase,
    }
    contents = {
        "qt": {name: MagicMock() for name in QT_CLASSES},
        "slicer": {},
        "slicer.i18n": {"tr": lambda text: text, "translate": lambda context, text: text},
        "slicer.ScriptedLoadableModule": module_classes,
    }
    for name, content in contents.items():
        stand_in = ModuleType(name)
        vars(stand_in).update(content)
        monkeypatch.setitem(sys.modules, name, stand_in)

    def load_module(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, REPOSITORY / name / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load_module


@pytest.fixture
def bundled_models(monkeypatch, tmp_path) -> Path:
    """The folder of bundled models, which holds a tiny one only."""
    store = tiny_store(tmp_path)
    monkeypatch.setattr(ModelStore, "default", lambda: store)
    return store.bundled_folder


def labels(module: ModuleType) -> str:
    """All text that the panel shows in labels."""
    return " ".join(call.args[0] for call in module.qt.QLabel.call_args_list)


@pytest.mark.parametrize("name", MODULES)
def test_file_scope_imports_only_what_every_slicer_has(name):
    tree = ast.parse((REPOSITORY / name / f"{name}.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in imported} <= PART_OF_SLICER | sys.stdlib_module_names


@pytest.mark.parametrize("name", MODULES)
def test_module_introduces_itself(load, name):
    parent = getattr(load(name), name)(SimpleNamespace()).parent
    assert parent.title.startswith("CT Denoise")
    assert parent.categories == ["Filtering"]
    assert "research use only" in parent.helpText.lower()
    assert set(parent.dependencies) <= set(MODULES)


def test_the_five_publications_are_acknowledged(load):
    text = load("CTDenoise").CTDenoise(SimpleNamespace()).parent.acknowledgementText
    assert text.count("<li>") == 5
    for author in ("Madhavan", "Zhang", "Huber", "Kim", "Hiroshima"):
        assert author in text


def test_training_module_is_hidden_and_its_library_lies_beside_it(load):
    module = load("CTDenoiseTrain")
    assert module.CTDenoiseTrain(SimpleNamespace()).parent.hidden
    module.CTDenoiseTrainTest().runTest()


def test_panel_lists_each_bundled_model_and_what_it_was_made_for(load, bundled_models):
    module = load("CTDenoise")
    module.CTDenoiseWidget().setup()
    cells = [call.args[0] for call in module.qt.QTableWidgetItem.call_args_list]
    made_for = "CT, kernels B30f, pixels 0.5–1 mm, sections 1–5 mm, noise 5–60 HU"
    assert cells == ["Tiny HR-CNN for tests", "1.0", made_for]
    assert "Research use only" in labels(module)
    assert "ctdenoise run" in labels(module)


def test_panel_names_a_missing_python_package_and_the_way_out(load, monkeypatch):
    module = load("CTDenoise")
    missing = MagicMock(side_effect=ModuleNotFoundError("No module named 'jsonschema'", name="jsonschema"))
    monkeypatch.setattr(module.CTDenoiseLogic, "bundledModels", missing)
    module.CTDenoiseWidget().setup()
    assert "lacks the Python package jsonschema" in labels(module)
    assert "pip_install" in labels(module)


def test_self_test_passes_on_the_models_of_the_repository(load):
    load("CTDenoise").CTDenoiseTest().runTest()


def test_self_test_sees_altered_weights(load, bundled_models):
    (weights,) = bundled_models.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes() + b"\0")
    with pytest.raises(AssertionError):
        load("CTDenoise").CTDenoiseTest().runTest()

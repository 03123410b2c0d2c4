from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from packaging.requirements import Requirement

TORCH = Requirement("made-up-torch>=2.4")
OTHERS = (Requirement("made-up-jsonschema>=4.20"), Requirement("made-up-psutil>=5.9"))


@pytest.fixture
def dependencies(slicer_host) -> ModuleType:
    return importlib.import_module("CTDenoisePanel.dependencies")


@pytest.fixture
def errors(slicer_host) -> ModuleType:
    return importlib.import_module("CTDenoisePanel.dependency_errors")


@pytest.fixture
def put(tmp_path, monkeypatch) -> Callable[..., None]:
    """Puts a package where Python finds it; one that fails when it is imported."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))

    def write(name: str, version: str) -> None:
        for old in site.glob(f"{name.replace('-', '_')}-*.dist-info/METADATA"):
            old.unlink()
            old.parent.rmdir()
        folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (site / f"{name}.py").write_text("raise SystemExit('was imported')")

    return write


class Installers:
    """Both ways to install, into the test's own folder; what they were asked for, and with which constraints."""

    def __init__(self, put: Callable[..., None]) -> None:
        self.put = put
        self.asked: list[str] = []
        self.constraints: list[str] = []
        self.declines: set[str] = set()
        self.brings = True

    def torch(self, requirement, *, constraints: Path) -> bool:
        return self.packages((requirement,), constraints=constraints)

    def packages(self, requirements, *, constraints: Path) -> bool:
        self.asked += [str(requirement) for requirement in requirements]
        self.constraints.append(constraints.read_text())
        if self.declines & {requirement.name for requirement in requirements}:
            return False
        for requirement in requirements if self.brings else ():
            self.put(requirement.name, "9.0")
        return True


@pytest.fixture
def installers(put) -> Installers:
    return Installers(put)


@pytest.fixture
def needed(dependencies, installers):
    """Needs packages that are not there."""

    def make(**changes):
        fields = {
            "torch": TORCH,
            "packages": OTHERS,
            "bundled": (Requirement("numpy>=1"),),
            "install_torch": installers.torch,
            "install_packages": installers.packages,
        }
        return dependencies.Dependencies(**(fields | changes))

    return make


def test_nothing_is_missing_where_the_tests_run_and_then_nobody_is_asked(dependencies, slicer_host):
    ours = dependencies.Dependencies.of_this_extension()
    assert not ours.missing()
    ours.ensure()
    assert not slicer_host.user.messages


def test_what_is_missing_is_named(needed):
    missing = needed().missing()
    assert missing
    assert missing.names == "PyTorch, made-up-jsonschema, made-up-psutil"


def test_looking_imports_nothing(needed, put):
    put("made-up-torch", "2.5")
    assert not needed().missing().torch
    assert "made-up-torch" not in sys.modules


def test_an_old_version_is_missing_and_a_pre_release_of_a_newer_one_is_not(needed, put):
    put("made-up-torch", "2.3.1+cpu")
    assert needed().missing().torch
    put("made-up-torch", "2.5.0rc1+cu124")
    assert not needed().missing().torch


def test_a_package_for_another_system_is_not_missing(needed):
    assert not needed(packages=(Requirement('made-up; sys_platform == "none"'),)).missing().packages


def test_torch_comes_first_and_then_the_rest(needed, installers):
    needed().ensure()
    assert installers.asked == ["made-up-torch>=2.4", "made-up-jsonschema>=4.20", "made-up-psutil>=5.9"]
    assert not needed().missing()


def test_only_what_is_missing_is_installed(needed, installers, put):
    put("made-up-torch", "2.5")
    put("made-up-psutil", "7.0")
    needed().ensure()
    assert installers.asked == ["made-up-jsonschema>=4.20"]


def test_a_user_who_declines_torch_is_not_asked_again(needed, installers, errors):
    installers.declines = {"made-up-torch"}
    with pytest.raises(errors.DeclinedError, match=r"Nothing was installed.*PyTorch.*start again"):
        needed().ensure()
    assert installers.asked == ["made-up-torch>=2.4"]


def test_a_user_who_declines_the_rest_is_told_what_is_missing(needed, installers, errors):
    installers.declines = {"made-up-psutil"}
    with pytest.raises(errors.DeclinedError, match="made-up-jsonschema, made-up-psutil"):
        needed().ensure()


def test_nothing_is_installed_while_slicer_runs_tests(needed, installers, errors, slicer_host):
    slicer_host.app.testing = True
    with pytest.raises(errors.TestingModeError, match="PyTorch"):
        needed().ensure()
    assert not installers.asked


def test_a_slicer_whose_own_packages_are_too_old_is_to_be_updated_not_patched(needed, installers, errors, put):
    put("made-up-pydicom", "2.4.3")
    with pytest.raises(errors.SlicerTooOldError, match=r"made-up-pydicom.*update Slicer"):
        needed(bundled=(Requirement("made-up-pydicom>=3.0.1"),)).ensure()
    assert not installers.asked


def test_a_bundled_package_without_metadata_counts_as_there(needed, tmp_path, monkeypatch):
    (tmp_path / "made_up_bundle.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not needed(bundled=(Requirement("made_up_bundle>=3"),)).missing().bundled


def test_packages_that_do_not_appear_after_all_are_an_error(needed, installers, errors):
    installers.brings = False
    with pytest.raises(errors.InstallationFailedError, match="restart Slicer"):
        needed().ensure()


def test_every_package_that_is_there_is_frozen_but_those_about_to_be_renewed(needed, installers, put):
    put("made-up-psutil", "1.0")
    put("made-up-other", "1.0")
    needed().ensure()
    numpy = importlib.import_module("numpy").__version__
    for constraints in installers.constraints:
        assert f"numpy=={numpy}\n" in constraints
        assert "made-up-other==1.0\n" in constraints
    assert "made-up-psutil==1.0\n" in installers.constraints[0]
    assert "made-up-psutil" not in installers.constraints[1]


def test_an_old_torch_may_go_with_what_belongs_to_it(dependencies, put):
    for name in ("torchvision", "triton", "nvidia-made-up", "made-up-other"):
        put(name, "1.0")
    frozen = dependencies.frozen_packages(besides=(Requirement("torch>=2.4"),))
    assert "made-up-other==1.0" in frozen
    assert not [line for line in frozen.splitlines() if line.startswith(("torch", "triton==", "nvidia-made-up"))]


def run_pip(*arguments: str) -> subprocess.CompletedProcess:
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    command = [sys.executable, "-m", "pip", "install", "--dry-run", *arguments]
    return subprocess.run(command, env=kept | settings, capture_output=True, text=True, check=False)


def test_pip_takes_the_constraints_and_leaves_what_is_there(dependencies, tmp_path):
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(dependencies.frozen_packages())
    answer = run_pip("--no-index", "--constraint", str(constraints), "numpy", "pydicom")
    assert answer.returncode == 0, answer.stderr
    assert "Would install" not in answer.stdout


@pytest.fixture
def failure_of_pip(needed, monkeypatch, capsys) -> Callable[..., Exception]:
    """What the user is told when pip says something and fails."""

    def fail(output: str) -> Exception:
        def install(*_, **__):
            print(output)
            raise subprocess.CalledProcessError(1, "pip")

        with pytest.raises(Exception, match="made-up-psutil") as told:
            needed(torch=Requirement("numpy"), install_packages=install).ensure()
        assert output.strip() in capsys.readouterr().out
        return told.value

    return fail


def test_pip_without_a_network_is_told_so(failure_of_pip, errors):
    answer = run_pip("--index-url", "http://127.0.0.1:9/simple", "made-up-psutil")
    error = failure_of_pip(answer.stdout + answer.stderr)
    assert isinstance(error, errors.NoNetworkError)
    assert "Check the connection" in str(error)


def test_pip_that_would_have_to_replace_a_frozen_package_is_told_so(failure_of_pip, errors, tmp_path):
    (tmp_path / "constraints.txt").write_text("numpy==1.26.4\n")
    answer = run_pip("--no-index", "--constraint", str(tmp_path / "constraints.txt"), "numpy>=99")
    error = failure_of_pip(answer.stdout + answer.stderr)
    assert isinstance(error, errors.InstallationFailedError)
    assert "left as they are" in str(error)


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: Could not install packages: [Errno 13] Permission denied: '/opt/Slicer'", "may not be written"),
        ("ERROR: No matching distribution found for made-up-psutil>=5.9", "No matching distribution found"),
        ("", "returned non-zero exit status 1"),
    ],
)
def test_other_failures_of_pip_are_told_in_a_sentence(failure_of_pip, errors, output, told):
    error = failure_of_pip(output)
    assert isinstance(error, errors.InstallationFailedError)
    assert told in str(error)


# How Slicer installs.


def test_slicer_asks_for_torch_and_for_the_rest_and_installs_both(dependencies, slicer_host):
    for package in ("torch", "psutil", "safetensors"):
        slicer_host.packages.remove(package)
    slicer_host.user.answer("OK", "OK")
    dependencies.Dependencies.of_this_extension().ensure()
    torch, rest = slicer_host.packages.commands
    assert torch == ["torch>=2.4"]
    assert rest[:2] == ["psutil>=5.9", "safetensors>=0.4.3"]
    assert rest[2] == "-c"


def test_declining_in_slicers_own_question_is_declining(dependencies, errors, slicer_host):
    slicer_host.packages.remove("psutil")
    slicer_host.user.answer("Cancel")
    with pytest.raises(errors.DeclinedError, match="psutil"):
        dependencies.Dependencies.of_this_extension().ensure()
    assert not slicer_host.packages.commands


def test_declining_torch_in_the_question_of_its_extension_is_declining(dependencies, errors, slicer_host):
    slicer_host.packages.remove("torch")
    slicer_host.user.answer("Cancel")
    with pytest.raises(errors.DeclinedError, match="PyTorch"):
        dependencies.Dependencies.of_this_extension().ensure()


def test_a_missing_pytorch_extension_is_told_with_the_way_out(dependencies, errors, slicer_host):
    slicer_host.packages.remove("torch")
    slicer_host.packages.remove("PyTorchUtils")
    with pytest.raises(errors.PyTorchExtensionMissingError, match=r"Extensions Manager, restart Slicer"):
        dependencies.Dependencies.of_this_extension().ensure()


def test_the_pip_of_the_pytorch_extension_obeys_the_constraints_too(dependencies, slicer_host, monkeypatch):
    seen = []

    def install_torch(**_):
        seen.append(os.environ["PIP_CONSTRAINT"])
        environment = {"PIP_CONFIG_FILE": os.devnull, "PIP_CONSTRAINT": seen[0].split()[-1]}
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "numpy!=1.26.4"]
        answer = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return slicer_host

    extension = SimpleNamespace(PyTorchUtilsLogic=lambda: SimpleNamespace(installTorch=install_torch))
    monkeypatch.setitem(sys.modules, "PyTorchUtils", extension)
    monkeypatch.setenv("PIP_CONSTRAINT", "https://example.com/mine.txt")
    slicer_host.packages.remove("torch")
    with pytest.raises(Exception, match="restart Slicer"):
        dependencies.Dependencies.of_this_extension().ensure()
    assert seen[0].startswith("https://example.com/mine.txt file:///")
    assert os.environ["PIP_CONSTRAINT"] == "https://example.com/mine.txt"


@pytest.mark.parametrize("answer", ["OK", "Cancel"])
def test_a_slicer_without_packaging_is_asked_for_consent_by_us(dependencies, errors, slicer_host, monkeypatch, answer):
    commands = []
    monkeypatch.setitem(sys.modules, "slicer.packaging", None)
    monkeypatch.setattr(importlib.import_module("slicer.util"), "pip_install", commands.append)
    slicer_host.packages.remove("psutil")
    slicer_host.user.answer(answer)
    with pytest.raises(errors.DependencyError):  # nothing is really installed
        dependencies.Dependencies.of_this_extension().ensure()
    assert "psutil>=5.9" in slicer_host.user.messages[0].text
    if answer == "OK":
        assert commands[0][:2] == ["psutil>=5.9", "--constraint"]
    else:
        assert not commands

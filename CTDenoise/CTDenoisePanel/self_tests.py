"""The self tests of the module, run by Slicer's “Reload and Test” and by CTest: what a user does, on the real panel.

They close the scene. With and without a main window, and without torch, each does what is possible there.
"""

from __future__ import annotations

import tempfile
import unittest
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from numpy.typing import NDArray
from slicer.i18n import tr as _

from CTDenoiseLib.measure.audit.audit_verdict import AuditLevel
from CTDenoiseScene.export import ExportSession, JobSessionState, SaveSeries
from CTDenoiseScene.kept_audit import read_audit
from CTDenoiseScene.results import Results, find_results

from .dependencies import Dependencies
from .qprocess_transport import running_transports
from .self_test_bench import Bench
from .self_test_data import add_volume, noisy_cylinder, write_series
from .self_test_filter import expected_noise
from .self_test_measure import check_measurements
from .slicer_headers import SlicerHeaders

_BLANK_HU = -1024
# Whole HU allow a half, and the noise comes in steps of 0.1 HU.
_TOLERANCE_HU = 0.6
_SMALL = (12, 48)
# So many sections that something can happen before they are all done.
_LONG = (3000, 64)


def run_self_tests(case: unittest.TestCase) -> None:
    """Run them all; a failure is one of the given test."""
    tests: tuple[Callable[[Bench], None], ...]
    tests = (_panel_without_a_volume, _comparison_of_two_kernels, _measurements)
    missing = Dependencies.of_this_extension().missing()
    if not missing:
        tests += (
            *(_denoising, _strength, _comparison_of_a_result, _audit, _cancelling),
            *(_killed_worker, _closed_scene, _deleted_volumes, _dicom_series),
        )
    bench = Bench(case)
    with bench.in_use():
        for test in tests:
            bench.start_afresh()
            _say(case, test.__name__.strip("_").replace("_", " "))
            test(bench)
    if missing:
        _say(case, _("Denoising itself was not tested, for lack of {names}.").format(names=missing.names))


def _say(case: Any, text: str) -> None:
    """As Slicer's own self tests do, in a window that goes by itself."""
    case.delayDisplay(text, 100)


def _panel_without_a_volume(bench: Bench) -> None:
    _check_disabled_with_a_reason(bench, bench.ui.applyButton)


def _comparison_of_two_kernels(bench: Bench) -> None:
    """Needs nothing but the two volumes."""
    hu = noisy_cylinder(*_SMALL)
    parameters = bench.widget.logic.parameters()
    parameters.input_volume = parameters.sharp_volume = add_volume(hu, "Sharp")
    parameters.smooth_volume = add_volume((hu - expected_noise(hu)).astype(np.int16), "Smooth")
    bench.settle()
    _show_and_leave(bench, bench.ui.smoothSharpDenoisedButton)


def _measurements(bench: Bench) -> None:
    check_measurements(bench)


def _denoising(bench: Bench) -> None:
    hu = noisy_cylinder(*_SMALL)
    results = bench.denoise(add_volume(hu, "CT"))
    bench.check(results.sections == frozenset(range(len(hu))), "all sections are denoised")
    _check(bench, results, hu)
    assert results.noise is not None
    noise_hu = slicer.util.arrayFromVolume(results.noise) * results.provenance.noise_step_hu
    bench.check(np.abs(noise_hu - expected_noise(hu)).max() < 0.06, "the noise is the known one")
    bench.check(np.array_equal(slicer.util.arrayFromVolume(results.input), hu), "the input is as it was")


def _strength(bench: Bench) -> None:
    hu = noisy_cylinder(*_SMALL)
    results = bench.denoise(add_volume(hu, "CT"))
    for percent in (40.0, 0.0, 100.0):
        bench.ui.strengthSlider.value = percent
        strength = percent / 100
        bench.wait(partial(_shows, results, hu, strength), f"the whole volume to show the strength {strength:g}")
        bench.check(results.strength == strength, "the output remembers its strength")


def _comparison_of_a_result(bench: Bench) -> None:
    bench.denoise(add_volume(noisy_cylinder(*_SMALL), "CT"))
    for name in ("inputOutputDifferenceButton", "twoByTwoButton"):
        _show_and_leave(bench, getattr(bench.ui, name))


def _audit(bench: Bench) -> None:
    output = bench.denoise(add_volume(noisy_cylinder(*_SMALL), "CT")).output
    bench.wait(lambda: bench.ui.auditButton.enabled, "the result to be ready for an audit")
    bench.ui.auditButton.click()
    bench.wait(lambda: read_audit(output), "the verdict")
    bench.settle()
    bench.check(not bench.ui.auditLabel.isHidden(), "the verdict is shown")
    # The model of the self tests smooths, edges and all.
    bench.check(read_audit(output).audit.level is not AuditLevel.GREEN, "a blur is not taken for noise")


def _cancelling(bench: Bench) -> None:
    hu = noisy_cylinder(*_LONG)
    volume = add_volume(hu, "CT")
    bench.begin(volume)
    bench.check(bench.running and bench.ui.applyButton.enabled, "the run can be cancelled")
    bench.ui.applyButton.click()
    bench.wait_for_the_end()
    (results,) = find_results(slicer.mrmlScene, volume)
    done = results.sections
    bench.check(0 < len(done) < len(hu), f"some sections are denoised, others not; {len(done)} of {len(hu)} are")
    _check(bench, results, hu)
    bench.wait(lambda: _is_blank_besides(results, done), "the sections that are not denoised to be blank")


def _killed_worker(bench: Bench) -> None:
    volume = add_volume(noisy_cylinder(*_LONG), "CT")
    bench.begin(volume)
    for transport in running_transports():
        transport.kill()
    bench.wait_for_the_end()
    bench.check("worker" in bench.message, "the user is told that the worker has ended")
    bench.check(bool(bench.sections_of(volume)), "what was finished stays")
    hu = noisy_cylinder(*_SMALL)
    _check(bench, bench.denoise(add_volume(hu, "CT")), hu)


def _closed_scene(bench: Bench) -> None:
    bench.begin(add_volume(noisy_cylinder(*_LONG), "CT"))
    slicer.mrmlScene.Clear()
    bench.wait_for_the_end()
    bench.check(not find_results(slicer.mrmlScene), "the closed scene holds no results")
    hu = noisy_cylinder(*_SMALL)
    _check(bench, bench.denoise(add_volume(hu, "CT")), hu)


def _deleted_volumes(bench: Bench) -> None:
    for deleted in ("input", "output", "noise"):
        volume = add_volume(noisy_cylinder(*_LONG), "CT")
        bench.begin(volume)
        (results,) = find_results(slicer.mrmlScene, volume)
        slicer.mrmlScene.RemoveNode(getattr(results, deleted))
        bench.settle()
        if bench.running:
            bench.ui.applyButton.click()
        bench.wait_for_the_end()
        bench.start_afresh()
    hu = noisy_cylinder(*_SMALL)
    _check(bench, bench.denoise(add_volume(hu, "CT")), hu)


def _dicom_series(bench: Bench) -> None:
    """From Slicer's DICOM database and back into it."""
    from DICOMLib import DICOMUtils

    # On Windows the database keeps its files open.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, DICOMUtils.TemporaryDICOMDatabase(name):
        folder = Path(name)
        volume = _load(write_series(noisy_cylinder(*_SMALL), folder / "input"), folder / "input")
        results = bench.denoise(volume)
        headers = SlicerHeaders()
        session = ExportSession(
            bench.widget.logic.client, results.output, SaveSeries(folder=folder / "output"), headers=headers
        )
        session.start()
        bench.wait(lambda: session.work(0.01) or session.state.ended, "the series to be written")
        bench.check(session.state is JobSessionState.DONE, f"the series is written; {session.failure}")
        uid = _series_uid(next((folder / "output").iterdir()))
        loaded = _load(uid, folder / "output")
        output, written = map(slicer.util.arrayFromVolume, (results.output, loaded))
        bench.check(np.array_equal(output, written), "the series holds the values of the output")
        studies = [headers.value(_first_instance(node), "0020,000D") for node in (volume, loaded)]
        bench.check(len(set(studies)) == 1, "the series is in the study of its input")
        slicer.mrmlScene.Clear()


def _load(series_uid: str, folder: Path) -> Any:
    from DICOMLib import DICOMUtils

    DICOMUtils.importDicom(str(folder), slicer.dicomDatabase)
    (node_id,) = DICOMUtils.loadSeriesByUID([series_uid])
    return slicer.mrmlScene.GetNodeByID(node_id)


def _series_uid(path: Path) -> str:
    import pydicom

    return str(pydicom.dcmread(path, stop_before_pixels=True).SeriesInstanceUID)


def _first_instance(node: Any) -> str:
    return str(node.GetAttribute("DICOM.instanceUIDs")).split()[0]


def _show_and_leave(bench: Bench, button: Any) -> None:
    """Show a comparison and go back; without views, the button must say why it cannot."""
    layout_manager = slicer.app.layoutManager()
    if layout_manager is None:
        _check_disabled_with_a_reason(bench, button)
        return
    if bench.ui.leaveButton.enabled:
        bench.ui.leaveButton.click()
        bench.settle()
    before = layout_manager.layout
    bench.wait(lambda: button.enabled, f"the button {button.text} to be enabled")
    button.click()
    bench.settle()
    bench.check(layout_manager.layout != before, "the comparison is shown")
    bench.ui.leaveButton.click()
    bench.settle()
    bench.check(layout_manager.layout == before, "the former layout is back")


def _check_disabled_with_a_reason(bench: Bench, button: Any) -> None:
    bench.check(not button.enabled and bool(button.toolTip), f"“{button.text}” is disabled and says why")


def _check(bench: Bench, results: Results, hu: NDArray[np.int16]) -> None:
    bench.check(_shows(results, hu, 1.0), "the output is the known one")


def _shows(results: Results, hu: NDArray[np.int16], strength: float) -> bool:
    """Whether the denoised sections are what they should be."""
    done = sorted(results.sections)
    output = slicer.util.arrayFromVolume(results.output)[done]
    return bool(np.abs(output - (hu - strength * expected_noise(hu))[done]).max() < _TOLERANCE_HU)


def _is_blank_besides(results: Results, done: frozenset[int]) -> bool:
    output = slicer.util.arrayFromVolume(results.output)
    rest = np.setdiff1d(np.arange(len(output)), sorted(done))
    return bool((output[rest] == _BLANK_HU).all())

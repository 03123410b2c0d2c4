"""Why a control of the panel cannot be used now: from plain facts to a sentence for its tooltip."""

from __future__ import annotations

from dataclasses import dataclass

from slicer.i18n import tr as _


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Where the panel stands.

    Attributes:
        missing_packages: Names of Python packages that denoising lacks; empty when all are there.
        has_input: A volume is chosen.
        model_problem: Why there is no model to run, else empty.
        refusal: Why the model must not run on this volume at all, else empty.
        can_train: The module that fine-tunes models is there.
        knows_devices: The worker has said what it can compute on.
        device_problem: Why the chosen device cannot be used, else empty.
        is_slab: Only a slab is to be denoised.
        running: A run is on.
        cancelling: It is being cancelled.
        exporting: A result is being saved.
        has_output: The chosen volume has a denoised one.
        strength_problem: Why the strength of what is there cannot be changed, else empty.
        companions: How many of the smooth, the sharp and the denoised volume there are.
        has_views: Slicer has slice views.
        comparing: A comparison layout is on screen.
        in_place: It can switch between input and output in place.
        has_regions: There are ROIs to measure.
        shows_profile: The table is that of the profile, not that of the ROIs.
        has_figures: It holds what was measured.
        auditing: A result is being audited.
        audit_obstacle: Why the result cannot be audited, else empty.
        testing: Small vessels are being inserted into the input.
        retention_obstacle: Why that cannot be done, else empty.
        series_obstacle: Why the result cannot be saved as a DICOM series, else empty; as for the next two.
        volume_obstacle: As a file.
        report_obstacle: As a report.
    """

    missing_packages: str = ""
    has_input: bool = False
    model_problem: str = ""
    refusal: str = ""
    can_train: bool = True
    knows_devices: bool = False
    device_problem: str = ""
    is_slab: bool = False
    running: bool = False
    cancelling: bool = False
    exporting: bool = False
    has_output: bool = False
    strength_problem: str = ""
    companions: int = 0
    has_views: bool = True
    comparing: bool = False
    in_place: bool = False
    has_regions: bool = False
    shows_profile: bool = True
    has_figures: bool = False
    auditing: bool = False
    audit_obstacle: str = ""
    testing: bool = False
    retention_obstacle: str = ""
    series_obstacle: str = ""
    volume_obstacle: str = ""
    report_obstacle: str = ""


def why_disabled(facts: Facts) -> dict[str, str]:
    """For each control, by its name in the .ui file, why it is disabled, as a sentence; empty where it is not."""
    return _input_and_denoise(facts) | _compare(facts) | _measure(facts) | _export(facts)


def _input_and_denoise(facts: Facts) -> dict[str, str]:
    packages = _packages(facts)
    no_input = "" if facts.has_input else _("Choose a CT volume first.")
    busy = _("Denoising is running; cancel it to change this.") if facts.running else ""
    no_devices = "" if facts.knows_devices else _("The worker has not yet said what this computer can compute on.")
    no_training = "" if facts.can_train else _("The module CT Denoise Train is not there; install the extension again.")
    not_slab = "" if facts.is_slab else _("All slices are to be denoised; choose “Around the view” to set how many.")
    return {
        "inputSelector": busy,
        "smoothSelector": no_input,
        "sharpSelector": no_input,
        "denoisedSelector": no_input,
        "modelSelector": packages or facts.model_problem or busy,
        "modelDetailsButton": packages or facts.model_problem,
        "fineTuneButton": no_training or packages or no_input or facts.model_problem,
        "deviceSelector": packages or busy or no_devices,
        "precisionSelector": packages or busy or no_devices,
        "scopeSelector": busy,
        "slabSpinBox": busy or not_slab,
        "strengthSlider": facts.strength_problem,
        "applyButton": _why_not_apply(facts, no_input, packages),
    }


def _why_not_apply(facts: Facts, no_input: str, packages: str) -> str:
    if facts.cancelling:
        return _("The run is being cancelled; this takes a second at most.")
    if facts.running:
        return ""
    saving = _("The result is being saved; wait until it is done.") if facts.exporting else ""
    return packages or no_input or facts.model_problem or facts.refusal or facts.device_problem or saving


def _compare(facts: Facts) -> dict[str, str]:
    no_views = "" if facts.has_views else _("This Slicer runs without slice views.")
    no_input = "" if facts.has_input else _("Choose a CT volume first.")
    no_output = no_input or ("" if facts.has_output else _("Denoise the volume first."))
    alone = "" if facts.companions > 1 else _("Load or choose a second volume: smooth, sharp or denoised.")
    not_in_place = "" if facts.in_place else _("Show a comparison with the denoised volume first.")
    not_shown = "" if facts.comparing else _("No comparison layout is shown.")
    return {
        "inputOutputDifferenceButton": no_views or no_output,
        "smoothSharpDenoisedButton": no_views or no_input or alone,
        "twoByTwoButton": no_views or no_input or alone,
        "leaveButton": no_views or not_shown,
        "plotCheckBox": no_views,
        "spineBoneButton": no_input,
        "softTissueButton": no_input,
        "lungButton": no_input,
        "myelographyButton": no_input,
        "fadeSlider": no_views or no_output or not_in_place,
        "blinkButton": no_views or no_output or not_in_place,
        "differenceSlider": no_output,
        "differenceColourSelector": no_output,
    }


def _measure(facts: Facts) -> dict[str, str]:
    no_views = "" if facts.has_views else _("This Slicer runs without slice views.")
    no_input = "" if facts.has_input else _("Choose a CT volume first.")
    no_regions = "" if facts.has_regions else _("Draw or place ROIs first.")
    drawing = ("newLine", "newCurve", "box", "ellipsoid", "cylinder", "closedCurve")
    return dict.fromkeys((f"{name}Button" for name in drawing), no_views or no_input) | {
        "lineSelector": no_input,
        "uniformRoisButton": no_input,
        "backgroundSelector": no_input or no_regions,
        "copyTableButton": _why_no_table(facts),
        "saveMeasurementsButton": _why_no_table(facts),
        "auditButton": "" if facts.auditing else _busy(facts) or facts.audit_obstacle,
        "retentionButton": "" if facts.testing else _busy(facts) or facts.retention_obstacle,
    }


def _why_no_table(facts: Facts) -> str:
    if facts.has_figures:
        return ""
    if facts.shows_profile:
        return _("There is no profile; draw a line first, or choose the ROIs at “Show”.")
    return _("Nothing is measured in ROIs; draw or place one first, or choose the profile at “Show”.")


def _busy(facts: Facts) -> str:
    """Why nothing more can be measured in the worker now. A button whose work is on cancels it."""
    running = _("Denoising is running; wait until it is done.") if facts.running else ""
    saving = _("The result is being saved; wait until it is done.") if facts.exporting else ""
    return _packages(facts) or running or saving


def _export(facts: Facts) -> dict[str, str]:
    running = _("Denoising is running; wait until it is done.") if facts.running else ""
    saving = _("Another result is being saved; wait until it is done.") if facts.exporting else ""
    no_output = "" if facts.has_output else _("There is no denoised volume to save; denoise one first.")
    why = _packages(facts) or no_output or running or saving
    return {
        "saveDicomButton": why or facts.series_obstacle,
        "saveFileButton": why or facts.volume_obstacle,
        "reportButton": why or facts.report_obstacle,
    }


def _packages(facts: Facts) -> str:
    if not facts.missing_packages:
        return ""
    return _("Install the missing Python packages first ({names}).").format(names=facts.missing_packages)

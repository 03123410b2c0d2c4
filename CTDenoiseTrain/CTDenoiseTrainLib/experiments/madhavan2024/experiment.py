"""The experiment: simulate patients, train on their noise maps, measure unseen patients, put together."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from ..experiment import ExperimentResult, Scale
from ..workbench import Workbench
from .figures import write_figures
from .findings import all_findings
from .images import UnseenPatient, denoised_series
from .learning import trained_network
from .measure import measured
from .settings import PAPER, QUICK, Settings
from .tables import all_tables, noise_map_figures


class MyelographyExperiment:
    """Repeats Madhavan et al. (2024) on simulated CT myelograms."""

    name = "madhavan2024"
    title = "HR-CNN on noise maps: small veins in ultra-high-resolution CT myelography"
    paper = "Madhavan AA, Cutsforth-Gregory JK, Brinjikji W, et al., AJNR Am J Neuroradiol 2024;45:96–99"

    def configuration(self, scale: Scale) -> Settings:
        """See `Settings`."""
        return PAPER if scale is Scale.PAPER else QUICK

    def run(self, bench: Workbench) -> ExperimentResult:
        """Do what is not done yet, and put it together."""
        settings = self.configuration(bench.scale)
        maps = noise_map_figures(bench, settings)
        network = trained_network(bench, settings)
        denoised = denoised_series(bench, settings, network)
        # The last is kept for the figures; of the others one at a time is in memory.
        others = (UnseenPatient(number, settings) for number in range(settings.test_patients - 1))
        last = UnseenPatient(settings.test_patients - 1, settings)
        results = measured(bench, chain(others, [last]), denoised)
        return ExperimentResult(
            tables=all_tables(results, maps),
            findings=all_findings(results),
            figures=write_figures(bench, last, denoised[0], results),
            notes=notes(settings, network.steps, [series.name for series in denoised]),
        )


def notes(settings: Settings, steps: int, measured: Collection[str]) -> tuple[str, ...]:
    """What a reader must know.

    Args:
        settings: Of the experiment.
        steps: That the network was trained.
        measured: Names of the denoised series.
    """
    missing = [name for name in settings.bundled if name not in measured]
    scan, training = settings.training_scan, settings.training
    return (
        f"All patients are simulated: {settings.patients} that train and validate, with {scan.sections} sections of "
        f"{scan.matrix}² pixels each, where the paper has 7 with 11,115 images of 1024². Unseen and measured are "
        f"{settings.test_patients} more.",
        "The anatomy is filtered with the kernel's gain, and the noise of rays through the whole trunk is "
        "reconstructed with the same kernel and added; one energy, no scatter, no motion. Kernels are named after "
        "those they resemble.",
        "The vendor's iterative reconstruction is not public. A penalised weighted least-squares reconstruction in "
        "image space, which keeps edges and about two fifths of the noise, stands in its place.",
        f"The network has width {settings.network['width']} and was trained for {steps} steps of {training.batch} "
        "patches; the paper has width 64 and 200 epochs.",
        "Whole patients are held out for validation, where the paper splits images 9:1. The range of the noise's "
        f"scale is not in the paper: it is {settings.patches.noise_scale[0]:g} to {settings.patches.noise_scale[1]:g} "
        "here, and patches are flipped and turned.",
        "What is left of a vein is measured as the difference of the outputs with and without veins under the same "
        "noise. The contrast-to-noise ratio takes the SD of single pixels in muscle for noise, coarse or fine; the "
        "detectability counts coarse noise for more, since it looks like veins. Both take the noise of flat muscle, of "
        "which a network may leave more beside a vein; neither is a reader study.",
        *(f"The model {name} was not among the models, and is not measured beside." for name in missing),
    )

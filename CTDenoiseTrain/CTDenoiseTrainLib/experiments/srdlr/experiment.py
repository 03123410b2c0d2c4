"""The experiment: simulate, train both networks, measure, put together."""

from __future__ import annotations

from ..experiment import ExperimentResult, Scale
from ..workbench import Workbench
from .figures import write_figures
from .findings import all_findings
from .images import unseen_phantoms
from .learning import both_trained
from .measure import ImageFigures, measured
from .pairs import training_material
from .settings import PAPER, QUICK, Settings
from .tables import all_tables


class SuperResolutionExperiment:
    """Repeats Hiroshima University's and Canon's comparison of DLR and SR-DLR."""

    name = "srdlr"
    title = "Deep learning reconstruction (DLR) and its super-resolution form (SR-DLR) against their input"
    paper = (
        "Hiroshima University and Canon Medical Systems on DLR and SR-DLR; Higaki et al., Eur J Radiol Open "
        "2024;12:100570; Tatsugami et al., Acad Radiol 2023;30:2497–2504"
    )

    def configuration(self, scale: Scale) -> Settings:
        """See `Settings`."""
        return PAPER if scale is Scale.PAPER else QUICK

    def run(self, bench: Workbench) -> ExperimentResult:
        """Do what is not done yet, and put it together."""
        settings = self.configuration(bench.scale)
        networks = both_trained(bench, settings, training_material(bench, settings))
        phantoms = unseen_phantoms(bench, settings, {name: trained.network for name, trained in networks.items()})
        found = bench.figures("measured", lambda: measured(phantoms, settings))
        results = {name: ImageFigures.of(content) for name, content in found.items()}
        return ExperimentResult(
            tables=all_tables(results),
            findings=all_findings(results),
            figures=write_figures(bench.folder, phantoms, settings),
            notes=notes(settings),
        )


def notes(settings: Settings) -> tuple[str, ...]:
    """What a reader must know."""
    learning = settings.learning
    return (
        "The vendor's networks, training images and targets are not published; network, scanners and phantoms are of "
        "this experiment's choosing, and its figures are not those of the product.",
        f"Both networks are {learning.network} of {dict(learning.configuration)}, trained from the same weights on the "
        f"same patches for {learning.steps} steps; only their targets differ.",
        f"All objects are procedural and sharp, {settings.body_mm:g} mm wide, projected with pixels of "
        f"{settings.object_pixel_mm:g} mm. Parallel rays over half a turn, one energy (60 keV), no scatter, no motion, "
        "no azimuthal blur: neither beam hardening nor what metal does to real scans is in the images.",
        f"Targets have {settings.target_dose:g} times the photons, which phantoms allow and patients do not.",
        "Transfer functions, profiles and systematic errors are those of the mean of repeated scans, each sent through "
        "the network by itself; noise is what differs between them.",
        "The unseen phantoms are of the kind that the networks learnt from: an anatomy unlike it may fare worse.",
    )

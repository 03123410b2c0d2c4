"""Truth of the residual audit and of the retention map: faults put in on purpose, and formulas of Fourier space."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import pearsonr

from CTDenoiseLib.measure.audit.edge_correlation import detail, edge_correlation, follows
from CTDenoiseLib.measure.audit.edge_ratio import edge_masks
from CTDenoiseLib.measure.audit.noise_at_edges import NoiseAtEdgesMeter
from CTDenoiseLib.measure.audit.residual_audit import Audit, audit_volumes
from CTDenoiseLib.measure.small_vessels.edge_blur import edge_blur
from CTDenoiseLib.measure.small_vessels.retention import VesselTest, retention_map
from CTDenoiseLib.measure.small_vessels.vessels import Vessel, VesselPainter
from support.thorax_phantom import NOISE_HU, PIXEL_MM, as_volume, scanner_noise, thorax, unevenness
from support.vessel_truth import retained_by_a_gaussian

from .row import TruthRow

SCIPY = "scipy.stats.pearsonr"


def rows() -> tuple[TruthRow, ...]:
    """A thorax with noise from which noise, detail or HU were taken; vessels through a Gaussian filter."""
    noise = scanner_noise(np.random.default_rng(0), sections=4)
    return (*_edges(noise), *_tissues(noise), *_texture(noise), *_vessels(noise))


def _edges(noise: NDArray[np.float32]) -> tuple[TruthRow, ...]:
    anatomy, share = thorax(), 0.15
    lost = share / (1 - share) * (anatomy - gaussian_filter(anatomy, 3**0.5))
    found = edge_correlation(anatomy, lost)
    noisy = edge_correlation(anatomy, lost + noise[0])
    edge = edge_masks(anatomy).edge
    theirs = pearsonr(follows(lost + noise[0])[edge], detail(anatomy)[edge]).statistic
    uneven = noise[0] * unevenness()
    masks = edge_masks(anatomy + uneven)
    meter = NoiseAtEdgesMeter()
    meter.add(masks, uneven)
    levels = [np.sqrt(np.mean(unevenness()[mask] ** 2)) for mask in (masks.edge, masks.flat)]
    return (
        TruthRow(
            measure="Detail taken at edges",
            case="15 % of the detail of a thorax",
            unit="%",
            ours=100 * found.detail_taken,
            truth=100 * share,
        ),
        TruthRow(
            measure="Detail taken at edges",
            case="the same, and 30 HU of noise",
            unit="%",
            ours=100 * noisy.detail_taken,
            truth=100 * share,
            tolerance=0.1,
            note="Noise takes its part by chance: the standard error is 2 % of the value.",
        ),
        TruthRow(
            measure="Correlation of residual and edges",
            case="the same, and 30 HU of noise",
            unit="",
            ours=noisy.value,
            truth=None,
            oracle=float(theirs),
            oracle_name=SCIPY,
            tolerance=1e-4,
        ),
        TruthRow(
            measure="Edge ratio of pure noise, foretold",
            case="noise twice as strong in the middle as at the rim",
            unit="",
            ours=meter.result().ratio,
            truth=float(levels[0] / levels[1]),
            tolerance=0.06,
            note="Foretold from flat tissue within 16 pixels; the audit allows for 20 %.",
        ),
    )


def _tissues(noise: NDArray[np.float32]) -> tuple[TruthRow, ...]:
    after = np.broadcast_to(thorax() + 4, noise.shape)
    found = _audit(thorax() + noise, after)
    return tuple(
        TruthRow(
            measure="Shift of the mean HU",
            case=f"30 HU of noise taken, 4 HU added: {tissue}",
            unit="HU",
            ours=found.figure(key).value,
            truth=4.0,
            tolerance=0.1,
            note="With its part of chance and sorting, which the audit reports.",
        )
        for tissue, key in (("soft tissue", "shift_soft_tissue"), ("lung", "shift_lung"), ("fat", "shift_fat"))
    )


def _texture(noise: NDArray[np.float32]) -> tuple[TruthRow, ...]:
    rng = np.random.default_rng(1)
    coarse = gaussian_filter(rng.standard_normal(noise.shape[1:]), 4)
    tissue = 5 / coarse.std() * coarse
    found = _audit(tissue + noise, tissue + 0.3 * noise).texture
    return (
        TruthRow(
            measure="Noise left",
            case="0.3 of the noise, on tissue with 5 HU of structure",
            unit="",
            ours=found.noise_left,
            truth=0.3,
        ),
        TruthRow(
            measure="Shift of the mean frequency of the noise",
            case="the same",
            unit="",
            ours=found.shift,
            truth=0.0,
            tolerance=0.02,
        ),
        TruthRow(
            measure="Noise of the residual in uniform tissue",
            case="the same",
            unit="HU",
            ours=found.residual.noise,
            truth=0.7 * NOISE_HU,
            tolerance=0.05,
            note="The finest 3 % of the noise lie beyond what pixels show.",
        ),
    )


def _vessels(noise: NDArray[np.float32]) -> tuple[TruthRow, ...]:
    blur, sigma = 0.6, 1.0
    test = VesselTest(diameters_mm=(0.5, 1.0, 2.0), contrasts_hu=(300.0,), blur_mm=blur)
    volume = as_volume(thorax() + noise)
    found = retention_map(lambda window: gaussian_filter(window[0], sigma), volume, context=0, test=test)
    peak = VesselPainter((1.0, 0.05, 0.05), blur).paint(Vessel(1.0, 300), offset=(0, 0), angle=0, sections=1).max()
    return (
        *(
            TruthRow(
                measure="Retained contrast",
                case=f"Gaussian filter of one pixel, vessel of {cell.vessel.diameter:g} mm",
                unit="%",
                ours=100 * cell.share,
                truth=100
                * retained_by_a_gaussian(
                    cell.vessel.diameter, blur=blur, pixel=PIXEL_MM, filter_sigma=sigma * PIXEL_MM
                ),
            )
            for cell in found.cells
        ),
        TruthRow(
            measure="Peak of a vessel in the image",
            case="1 mm, 300 HU, blurred by 0.6 mm",
            unit="HU",
            ours=float(peak),
            truth=300 * (1 - math.exp(-(0.5**2) / (2 * blur**2))),
        ),
        TruthRow(
            measure="Blur from edges",
            case="thorax blurred by one pixel, 30 HU of noise",
            unit="pixel",
            ours=edge_blur(thorax(blur=1.0) + noise[0], pixel_spacing=(1.0, 1.0)),
            truth=1.0,
            tolerance=0.15,
            note="An estimate from the anatomy, for want of a phantom.",
        ),
    )


def _audit(before: NDArray[np.floating], after: NDArray[np.floating]) -> Audit:
    return audit_volumes(as_volume(before), as_volume(after))

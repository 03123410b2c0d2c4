"""What a reader must know: how this run differs from the paper."""

from __future__ import annotations

from .outcome import Outcome


def notes_of(outcome: Outcome) -> tuple[str, ...]:
    """A sentence or two each."""
    settings = outcome.scans.settings
    training = settings.training
    levels = [noise["body"] for noise in outcome.noise.values()]
    return (
        f"Noise of the inputs is {min(levels):.0f} to {max(levels):.0f} HU in the body, highest to lowest "
        f"{max(levels) / min(levels):.2f}: similar, as the paper says of its own, with its photons and "
        f"{settings.views} views. It does not give their number.",
        "Pictures: half are sections of two openly licensed chests (pyradiomics) with lungs filled to look like an "
        "abdomen; half are procedural abdomens. The paper took abdominal CT of The Cancer "
        "Imaging Archive. Test pictures are of other patients than those trained on.",
        f"{settings.training_pictures} pictures to train with, {settings.validation_pictures} to stop retraining by, "
        f"{settings.test_pictures} to test with, of {settings.matrix}² pixels; the paper: 2400, 300 and 300 of 512².",
        "Rays are parallel, as far apart as pixels are wide; the paper's fan beam (Table 1) has the same distance of "
        "rays at the centre of rotation. Both reconstruct with the ramp filter and add no electronic noise.",
        "As in the paper a picture is shrunk or enlarged to each pixel size, so that the body fills the field of view "
        "(32 mm of 512 pixels at 62.5 µm, 320 mm at 625 µm) and attenuation, and with it the streaks, differ.",
        "PSNR is taken against the reconstruction without noise, for the highest attenuation of each picture; all "
        "figures over the disc that all views see. The paper does not give the constants of its SSIM: here they are "
        "those of Wang et al. (2004), once for the highest attenuation and once for the window of the paper's figures.",
        "NRMSE and SSIM can be compared with the paper's in their course only: 0.19 % of the attenuation of water is "
        "2 HU, less than the residuals that its figures show.",
        f"U-Net of width {settings.width} (paper: 32), HU / {settings.scale_hu:g} in the network, {training.steps} "
        f"steps (paper: 50,000) on squares of {training.side}² (paper: whole pictures). The paper does not give batch, "
        "learning rate and patience. Its network predicts the picture; ours the noise, and what is kept is the moving "
        "average of the weights.",
    )

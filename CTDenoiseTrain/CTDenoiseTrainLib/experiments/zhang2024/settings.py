"""What decides the figures of the experiment: at the scale of the paper, and at one for two cores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """One of the simulated scanners of Table 1.

    Attributes:
        pixel_um: Side of a pixel in µm, and distance of rays at the centre of rotation.
        input_photons: Photons of each ray before the object, of the input.
        label_photons: The same of the label.
    """

    pixel_um: float
    input_photons: float
    label_photons: float

    @property
    def pixel_mm(self) -> float:
        """Side of a pixel in mm."""
        return self.pixel_um / 1000

    @property
    def name(self) -> str:
        """For people, such as "62.5 µm"."""
        return f"{self.key} µm"

    @property
    def key(self) -> str:
        """For programs, such as "62.5"."""
        return f"{self.pixel_um:g}"


TABLE_1 = (
    Resolution(pixel_um=62.5, input_photons=3.6e4, label_photons=1.8e5),
    Resolution(pixel_um=125, input_photons=1.5e4, label_photons=7.5e4),
    Resolution(pixel_um=250, input_photons=1e4, label_photons=5e4),
    Resolution(pixel_um=375, input_photons=1.5e4, label_photons=7.5e4),
    Resolution(pixel_um=500, input_photons=2.5e4, label_photons=1.25e5),
    Resolution(pixel_um=625, input_photons=5.6e4, label_photons=2.8e5),
)


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a network is trained from the start.

    Attributes:
        side: Rows and columns of what a step sees; the whole picture in the paper.
        batch: Pairs a step.
        steps: In all.
        steps_per_epoch: Steps whose mean loss makes a point of the curve.
        rate: Learning rate after the warm-up; it falls along a cosine.
    """

    side: int
    batch: int
    steps: int
    steps_per_epoch: int
    rate: float = 1e-3


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """How a trained network is trained on with few pictures of another resolution.

    Attributes:
        share: Of the training pictures.
        steps: At most so many.
    """

    share: float
    steps: int

    @property
    def name(self) -> str:
        """For people, such as "5 %"."""
        return f"{self.key} %"

    @property
    def key(self) -> str:
        """For programs, such as "5"."""
        return f"{100 * self.share:g}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The experiment.

    The paper leaves open the number of views, the batch, the learning rate and the epochs without a lower loss after
    which retraining ends; what stands here is chosen.

    Attributes:
        resolutions: The scanners, finest first.
        matrix: Rows and columns of a picture, and rays of a view.
        views: Over half a turn.
        training_pictures: Pictures that networks learn from, the same at all resolutions.
        validation_pictures: Pictures that tell retraining when to stop.
        test_pictures: Pictures that are measured.
        width: Filters of the U-Net at its finest level.
        training: See `Training`.
        retrainings: Shares of the data of the finest resolution that the coarsest model is trained on with.
        retraining_rate: Their learning rate after the warm-up.
        retraining_steps_per_epoch: Steps between two looks at the validation loss.
        patience: Looks without a lower loss after which retraining ends.
        scale_hu: HU that make 1 in the network: about the noise of the input.
        seed: Of all chance.
    """

    resolutions: tuple[Resolution, ...] = TABLE_1
    matrix: int = 512
    views: int = 720
    training_pictures: int
    validation_pictures: int
    test_pictures: int
    width: int
    training: Training
    retrainings: tuple[Retraining, ...]
    retraining_rate: float = 3e-4
    retraining_steps_per_epoch: int
    patience: int = 3
    scale_hu: float = 150.0
    seed: int = 2024

    @property
    def finest(self) -> Resolution:
        """The resolution of a small-animal scanner."""
        return self.resolutions[0]

    @property
    def coarsest(self) -> Resolution:
        """The resolution of a clinical scanner."""
        return self.resolutions[-1]


QUICK = Settings(
    training_pictures=20,
    validation_pictures=2,
    test_pictures=6,
    width=16,
    training=Training(side=64, batch=16, steps=1500, steps_per_epoch=50),
    # In proportion to the first training about twice the paper's, since so few steps teach little.
    retrainings=tuple(
        Retraining(share=share, steps=steps)
        for share, steps in ((0.05, 180), (0.10, 300), (0.15, 300), (0.20, 300), (0.25, 360), (0.30, 420))
    ),
    retraining_steps_per_epoch=30,
)
PAPER = Settings(
    training_pictures=2400,
    validation_pictures=300,
    test_pictures=300,
    width=32,
    training=Training(side=512, batch=4, steps=50_000, steps_per_epoch=500),
    retrainings=tuple(
        Retraining(share=share, steps=steps)
        for share, steps in ((0.05, 3000), (0.10, 5000), (0.15, 5000), (0.20, 5000), (0.25, 6000), (0.30, 7000))
    ),
    retraining_steps_per_epoch=200,
)

PAPER_PSNR_DB = {
    62.5: {
        62.5: (37.17, 1.03),
        125: (37.26, 1.03),
        250: (37.31, 1.03),
        375: (37.11, 1.01),
        500: (36.98, 1.01),
        625: (36.87, 1.00),
    },
    625: {
        62.5: (37.06, 1.01),
        125: (37.43, 1.04),
        250: (37.71, 1.05),
        375: (37.73, 1.06),
        500: (37.71, 1.06),
        625: (37.75, 1.06),
    },
}
"""Table 3 of the paper: by pixel size of the test and of the model in µm, mean and standard deviation."""
PAPER_NRMSE_PERCENT = {"without": 0.1898, "20": 0.1263}
PAPER_SSIM = {"without": 0.7558, "20": 0.8036}
"""Of the 625 µm model on the 62.5 µm pictures, before and after retraining with a fifth of the data (abstract)."""

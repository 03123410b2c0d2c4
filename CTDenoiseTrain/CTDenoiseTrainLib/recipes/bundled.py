"""The four models that come with the extension."""

from __future__ import annotations

from CTDenoiseLib.models import MadeFor

from ..material.kernels import KernelFamily
from ..material.make import MaterialSize
from ..material.sampler import PairOptions
from ..recipe.content import TrainingOptions
from ..training.loss import BiasWeight
from .bundled_model import BundledModel, Stage

# Wider than the default: 0.1 mm pixels resolve a kernel so finely that little is left at high frequencies.
_KERNELS = KernelFamily(half=(0.10, 0.55))
# Noise of the sharpest kernels, and veins, that the others lack.
_WITH_SPINES = MaterialSize(bar_patterns=8, noise_volumes=6, spine_exams=6)
_HALF_WIDTH = {"context": 3, "width": 32, "levels": 6}
_FULL_WIDTH = {"context": 3, "width": 64, "levels": 6}
_QUARTER_WIDTH = {"context": 3, "width": 16, "levels": 6}

HRCNN_UHR = BundledModel(
    name="hrcnn-uhr",
    version="1.0.0",
    title="HR-CNN, full width, ultra-high resolution",
    description=(
        "The high-resolution CNN of Madhavan et al. (2024) in full width, for thin sections of sharp kernels. It "
        "predicts the noise of a section from seven adjacent ones."
    ),
    network="hrcnn",
    stages=(
        Stage(
            configuration=_HALF_WIDTH,
            size=MaterialSize(),
            pairs=PairOptions(),
            training=TrainingOptions(epochs=90, batch=8, warm_up_steps=200, level_offset_hu=15.0),
        ),
        Stage(
            configuration=_HALF_WIDTH,
            size=MaterialSize(bar_patterns=12),
            pairs=PairOptions(noise_hu=(3.0, 150.0)),
            training=TrainingOptions(epochs=30, batch=8, highest_rate=3e-4, level_offset_hu=6.0),
        ),
        Stage(
            configuration=_FULL_WIDTH,
            size=MaterialSize(bar_patterns=8),
            pairs=PairOptions(noise_hu=(10.0, 300.0), kernels=_KERNELS),
            training=TrainingOptions(epochs=42, batch=8, highest_rate=5e-4, warm_up_steps=200, level_offset_hu=10.0),
        ),
        Stage(
            configuration=_FULL_WIDTH,
            size=_WITH_SPINES,
            pairs=PairOptions(noise_hu=(5.0, 300.0), kernels=_KERNELS),
            training=TrainingOptions(epochs=20, batch=8, highest_rate=4e-4, level_offset_hu=6.0),
            bias_weight=BiasWeight(weight=5.0, level_hu=100.0),
        ),
        Stage(
            configuration=_FULL_WIDTH,
            size=_WITH_SPINES,
            pairs=PairOptions(noise_hu=(5.0, 300.0), kernels=_KERNELS),
            training=TrainingOptions(epochs=16, batch=8, highest_rate=3e-4, level_offset_hu=6.0),
            bias_weight=BiasWeight(weight=12.0, level_hu=150.0),
        ),
        Stage(
            configuration=_FULL_WIDTH,
            size=_WITH_SPINES,
            pairs=PairOptions(noise_hu=(5.0, 300.0), kernels=_KERNELS),
            training=TrainingOptions(epochs=10, batch=8, highest_rate=3e-4, level_offset_hu=6.0),
            bias_weight=BiasWeight(weight=6.6, level_hu=80.0, steepness=4.0),
        ),
    ),
    # The fourth takes more noise, the sixth keeps more: their mean is between them in all figures.
    mean_of=(3, 5),
    made_for=MadeFor(
        modality="CT",
        kernels=(),
        pixel_spacing_mm=(0.1, 0.6),
        section_thickness_mm=(0.2, 2.0),
        noise_hu=(10.0, 300.0),
    ),
    limitations=(
        "Trained on two CPU cores: the full width for an hour and a half, where the paper trained 200 epochs on a "
        "graphics processor; longer training would gain.",
        "Of veins of 0.6 mm and 300 HU in 157 HU of noise of a simulated spine, 83 % of the contrast is left, of "
        "those of 0.3 mm 54 %; drawn into uniform muscle, veins of 0.6 mm keep 75 %.",
    ),
)

HRCNN_SMALL = BundledModel(
    name="hrcnn-small",
    version="1.0.0",
    title="HR-CNN, quarter width, for the processor",
    description=(
        "A high-resolution CNN (Madhavan et al. 2024) of a quarter of the width, for sharp, noisy CT on the "
        "processor. It predicts the noise of a section from seven adjacent ones."
    ),
    network="hrcnn",
    stages=(
        Stage(
            configuration=_QUARTER_WIDTH,
            size=MaterialSize(),
            pairs=PairOptions(noise_hu=(8.0, 200.0), kernels=_KERNELS),
            training=TrainingOptions(epochs=75, batch=8, warm_up_steps=200, level_offset_hu=15.0),
        ),
        Stage(
            configuration=_QUARTER_WIDTH,
            size=MaterialSize(bar_patterns=12),
            pairs=PairOptions(noise_hu=(3.0, 200.0), kernels=_KERNELS),
            training=TrainingOptions(epochs=35, batch=8, highest_rate=5e-4, level_offset_hu=6.0),
        ),
        Stage(
            configuration=_QUARTER_WIDTH,
            size=_WITH_SPINES,
            pairs=PairOptions(noise_hu=(3.0, 200.0), kernels=_KERNELS),
            training=TrainingOptions(epochs=25, batch=8, highest_rate=4e-4, level_offset_hu=6.0),
            bias_weight=BiasWeight(weight=4.0, level_hu=100.0, steepness=4.0),
        ),
    ),
    mean_of=(1, 2),
    made_for=MadeFor(
        modality="CT",
        kernels=(),
        pixel_spacing_mm=(0.2, 1.0),
        section_thickness_mm=(0.2, 3.0),
        noise_hu=(3.0, 200.0),
    ),
    limitations=(
        "What it loses against “hrcnn-uhr”: in 157 HU of noise of a simulated spine it keeps 71 % of the contrast of "
        "veins of 0.6 mm and 300 HU in place of 83 %, and the task transfer function of a rod falls to one half at a "
        "frequency 9 % lower in place of 2 %; of a head phantom's 20.5 HU of noise it leaves 3.7 HU in place of 3.4.",
    ),
)

_SINGLE_SECTION = PairOptions(context=0, noise_hu=(5.0, 200.0), kernels=_KERNELS)
_ONE_SECTION_AT_A_TIME = MadeFor(
    modality="CT",
    kernels=(),
    pixel_spacing_mm=(0.2, 1.0),
    section_thickness_mm=(0.2, 5.0),
    noise_hu=(5.0, 200.0),
)

UNET = BundledModel(
    name="unet",
    version="1.0.0",
    title="U-Net, one section at a time",
    description="The U-Net of Zhang et al. (2024), 24 layers. It predicts the noise of a section from that section.",
    network="unet",
    stages=(
        Stage(
            configuration={"context": 0, "width": 32},
            size=MaterialSize(bar_patterns=8),
            pairs=_SINGLE_SECTION,
            training=TrainingOptions(epochs=30, batch=8, highest_rate=1e-3, warm_up_steps=200, level_offset_hu=10.0),
        ),
    ),
    made_for=_ONE_SECTION_AT_A_TIME,
    limitations=("Sees one section only: less noise goes, or more structure, than with seven.",),
)

PLAIN_CNN = BundledModel(
    name="plain-cnn",
    version="1.0.0",
    title="Plain CNN of five layers",
    description=(
        "The five-layer network of Huber et al. (2020), for teaching and comparison. It predicts the noise of a "
        "section from that section."
    ),
    network="plain-cnn",
    stages=(
        Stage(
            configuration={"context": 0, "filters": 64, "kernel_size": 3},
            size=MaterialSize(bar_patterns=8),
            pairs=_SINGLE_SECTION,
            training=TrainingOptions(epochs=20, batch=8, warm_up_steps=200, level_offset_hu=10.0),
        ),
    ),
    made_for=_ONE_SECTION_AT_A_TIME,
    limitations=(
        "Sees eleven pixels of one section: noise of long waves, such as streaks and that of smooth kernels, stays.",
    ),
)

BUNDLED = {model.name: model for model in (HRCNN_UHR, HRCNN_SMALL, UNET, PLAIN_CNN)}

"""DLR and SR-DLR: one network trained twice on the same inputs, to low-noise and to low-noise, sharper targets.

After Hiroshima University and Canon Medical Systems, who show that training to low-noise targets (deep learning
reconstruction, DLR) reduces noise, and that training to targets of low noise and high resolution (super-resolution
DLR) reduces noise and shows fine structures that the conventional image does not. They publish neither network nor
training images nor figures of their own beyond pictures; what follows is this experiment's choice.

Scanners (`settings`, `scanner`). The conventional one has elements of 0.5 mm, a focal spot of 0.6 mm and a kernel for
soft tissue: TTF50 0.46 mm⁻¹, TTF10 0.78 mm⁻¹. The ultra-high-resolution one has 0.25 mm, 0.25 mm and a sharp kernel. An
object is projected once along rays 0.125 mm apart (`simulate.projection`, parallel, 360 views over half a turn). Each
scanner averages the transmitted intensity over its focal spot and elements, counts photons (Poisson, in proportion to
the width of an element), and reconstructs by filtered back-projection onto the same 160² pixels of 0.35 mm. Inputs have
40 000 photons a mm and view, which gives about 20 HU of noise; targets have 100 times as many.

Objects (`shapes`, `stents`, `training_phantoms`). Openly licensed CT is not sharp enough to teach resolution. So all
objects are procedural, drawn with exact edges on pixels of 0.125 mm in a body of 52 mm in air. Of four, two are
structured coronary phantoms (vessels of 0.6 to 5 mm with 250 to 600 HU, calcified plaques, stents with struts of 0.13
to 0.3 mm, rods, bar patterns), one holds low contrasts and thin bones as in an abdomen or a fetus, one is a section of
`simulate.anatomy`. Each is scanned three times at low dose.

Networks (`pairs`, `learning`). A U-Net of one section that predicts input − target, so that for SR-DLR it learns the
blur of edges beside the noise. Both start from the same weights and see the same patches in the same order; only the
targets differ. Squared error, Adam, learning rate from 1e-3 to 1e-5 along a cosine, averaged weights.

Measures, on phantoms of fixed layout that neither has seen (`unseen_phantoms`), each scanned many times:

- Noise (`noise`): what differs between repeated scans, in the even middle between rods, with its power spectrum; and
  along the edge of a rod.
- Sharpness (`sharpness`): transfer functions of rods of 80, 200, 400 and 1000 HU (TTF50, TTF10), and 10–90 % distance
  and slope of the edges of vessels of 1 to 4 mm, in the mean of repeated scans, each sent through the network by
  itself. Overshoot of the rods' edges.
- Fine structure (`fine_structure`): modulation of bars of 0.5 to 1.1 line pairs a mm, in the phase of the bars, and
  amplitude of the struts around stents, in their number and phase: what does not follow the object does not count.
- Truth (`accuracy`): likeness of single scans to either target without noise; what differs from the sharp target when
  noise is averaged away, near the edges of the object and elsewhere, where any structure is invented; bias of HU in
  rods and in stented lumens; contrast of lesions of 20 and 40 HU.

Findings (`findings`) state their criteria as constants: noise halved or better; TTF50 within 10 % of the input's for
DLR; TTF50 and edge slope 1.2 times the input's or more for SR-DLR, and so for bars and struts, as far as the
conventional scanner transmits them; limits to bias, overshoot and structure where there is none. Contrasts below 100 HU
are a finding of their own, as networks blur weak edges more than those of vessels and bone.

The scale `paper` is the same with a U-Net of the full width of 32 filters, 3000 phantoms and 100 000 steps, for a GPU.
"""

from __future__ import annotations

from .experiment import SuperResolutionExperiment

EXPERIMENT = SuperResolutionExperiment()

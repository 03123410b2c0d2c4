"""The learning rate of each step: a short rise, then a cosine down to the lowest."""

from __future__ import annotations

import math

from ..recipe.content import TrainingOptions


def learning_rate(step: int, *, steps: int, options: TrainingOptions) -> float:
    """Learning rate of a step.

    The rise spares Adam steps of full length while its running moments are those of few gradients. The fall from
    `highest_rate` to `lowest_rate` is that of Madhavan et al. (2024), 1e-3 to 1e-5, who do not say along which curve.

    Args:
        step: From 0.
        steps: In all epochs.
        options: `highest_rate`, `lowest_rate` and `warm_up_steps`; of a training shorter than ten times the warm-up, a
            tenth of its steps is the warm-up.
    """
    warm_up = min(options.warm_up_steps, steps // 10)
    if step < warm_up:
        return options.highest_rate * (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return options.lowest_rate + (options.highest_rate - options.lowest_rate) * (1 + math.cos(math.pi * done)) / 2

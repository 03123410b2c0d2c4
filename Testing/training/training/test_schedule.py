from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseTrainLib.recipe.content import TrainingOptions
from CTDenoiseTrainLib.training.schedule import learning_rate

OPTIONS = TrainingOptions(warm_up_steps=5)
STEPS = 60


def test_learning_rate_rises_then_falls_to_the_lowest():
    rates = [learning_rate(step, steps=STEPS, options=OPTIONS) for step in range(STEPS)]
    assert rates[:5] == sorted(rates[:5])
    assert max(rates) == pytest.approx(1e-3)
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert learning_rate(STEPS, steps=STEPS, options=OPTIONS) == pytest.approx(1e-5)


def test_half_way_down_the_cosine_lies_the_mean_of_both_rates():
    middle = 5 + (STEPS - 5) / 2
    assert learning_rate(middle, steps=STEPS, options=OPTIONS) == pytest.approx((1e-3 + 1e-5) / 2)


@given(steps=st.integers(1, 500), warm_up=st.integers(0, 1000))
def test_rate_is_within_its_limits_in_trainings_of_any_length(steps, warm_up):
    options = TrainingOptions(warm_up_steps=warm_up)
    rates = [learning_rate(step, steps=steps, options=options) for step in range(steps)]
    assert all(0 < rate <= 1e-3 * (1 + 1e-12) for rate in rates)
    # Even the shortest training comes near its highest rate.
    assert max(rates) >= 0.9e-3

from __future__ import annotations

from benchmarks.kill_trainer import kill_and_compare


def test_a_training_that_is_killed_at_random_moments_ends_with_the_same_numbers():
    findings = kill_and_compare(kills=2, epochs=3, seed=1)
    assert findings.same_weights
    assert findings.same_state
    assert findings.same_log
    assert findings.clean

from __future__ import annotations

from benchmarks.kill_trainer import kill_and_compare


def test_a_training_that_is_killed_at_a_random_moment_ends_with_the_same_numbers():
    # The benchmark kills ten times.
    findings = kill_and_compare(kills=1, epochs=3, seed=3, start_all=False)
    assert findings.same_weights
    assert findings.same_state
    assert findings.same_log
    assert findings.clean

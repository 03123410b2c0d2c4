"""The worker tells what a run will cost, before it and in turn with the jobs."""

from __future__ import annotations


def test_time_and_memory_of_a_section_are_told(bench):
    answers = []
    bench.client.estimate(48, 40, answers.append)
    bench.client.estimate(512, 512, answers.append)
    bench.wait_until(lambda: len(answers) == 2)
    small, large = answers
    assert 0 < small.seconds_per_section < large.seconds_per_section
    assert 0 < small.memory_bytes < large.memory_bytes


def test_after_a_run_it_is_told_by_that(bench, hu):
    bench.finish(bench.client.denoise(bench.request(hu)))
    answers = []
    bench.client.estimate(48, 40, answers.append)
    bench.wait_until(lambda: answers)
    assert answers[0].from_last_run


def test_without_a_model_there_is_no_answer_and_no_complaint(own_bench):
    answers, sentences, devices = [], [], []
    own_bench.client.failed.connect(sentences.append)
    own_bench.client.estimate(48, 40, answers.append)
    own_bench.client.list_devices(devices.append)
    own_bench.wait_until(lambda: devices)
    assert (answers, sentences) == ([], [])

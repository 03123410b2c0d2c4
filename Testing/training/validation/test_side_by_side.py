from __future__ import annotations

from dataclasses import replace

import matplotlib.image
import pytest

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseTrainLib.validation.side_by_side import draw_side_by_side
from support.known_denoiser import KnownDenoiser


def test_before_after_and_target_are_drawn_with_their_differences(make_validator, tmp_path):
    validator = make_validator()
    after, before = (validator.preview(KnownDenoiser(share)) for share in (0.9, 0.5))
    draw_side_by_side(tmp_path / "all.png", after, before=before)
    draw_side_by_side(tmp_path / "least.png", replace(after, target=None))
    everything, least = (matplotlib.image.imread(tmp_path / f"{name}.png") for name in ("all", "least"))
    # The page is as wide whatever it holds, so that two pictures in a row are twice as high as four.
    assert everything.shape[1] == least.shape[1]
    assert least.shape[0] > 1.5 * everything.shape[0]
    # Red and blue are in the differences only.
    colourful = (everything[..., :3].max(axis=2) - everything[..., :3].min(axis=2)) > 0.3
    assert colourful[everything.shape[0] // 2 :].mean() > 10 * colourful[: everything.shape[0] // 2].mean()


def test_a_network_that_does_nothing_can_be_drawn(make_validator, tmp_path):
    draw_side_by_side(tmp_path / "idle.png", replace(make_validator().preview(None), target=None))
    assert (tmp_path / "idle.png").stat().st_size > 0


def test_an_older_picture_is_replaced_only_if_asked_for(make_validator, tmp_path):
    preview = make_validator().preview(None)
    path = tmp_path / "picture.png"
    draw_side_by_side(path, preview)
    with pytest.raises(OutputExistsError):
        draw_side_by_side(path, preview)
    draw_side_by_side(path, preview, overwrite=True)

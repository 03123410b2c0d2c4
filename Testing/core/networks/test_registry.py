import pytest

from CTDenoiseLib.networks import UnknownNetworkError, create, names


def test_the_three_networks_of_the_papers_are_known_by_name():
    assert names() == ("hrcnn", "plain-cnn", "unet")


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNetworkError, match="“resnet”; known are hrcnn, plain-cnn, unet"):
        create("resnet", {})


@pytest.mark.parametrize(
    ("name", "configuration"),
    [
        ("hrcnn", {"filters": 64}),
        ("hrcnn", {"context": -1}),
        ("hrcnn", {"levels": 0}),
        ("hrcnn", {"levels": 11}),
        ("hrcnn", {"width": "64"}),
        ("unet", {"width": 0}),
        ("plain-cnn", {"kernel_size": 4}),
        ("plain-cnn", {"filters": 1.5}),
    ],
)
def test_a_configuration_the_network_does_not_take_is_refused_by_name(name, configuration):
    with pytest.raises(UnknownNetworkError, match=f"“{name}” does not take this configuration"):
        create(name, configuration)

"""Noise maps: noise of real reconstructions as volumes, and whether anatomy hides in them."""

"""Pairs of noisy images and the noise in them, from what a site has, and the patches drawn from them."""

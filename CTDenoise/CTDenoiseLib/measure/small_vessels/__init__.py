"""How much a denoiser leaves of small vessels."""

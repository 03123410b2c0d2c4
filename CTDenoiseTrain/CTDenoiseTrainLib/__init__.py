"""Training of denoising models, on top of CTDenoiseLib. Research use only."""

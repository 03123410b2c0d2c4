"""Pairs of sharp anatomy and noise from simulation and real series, as the bundled models are trained on."""

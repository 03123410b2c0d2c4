"""Runs: a folder in which one model is trained, with checkpoints, logs and everything to go on from."""

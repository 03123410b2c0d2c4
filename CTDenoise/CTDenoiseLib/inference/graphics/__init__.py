"""Inference on graphics processors: the network as a recording, transfers beside the computing, several at once."""

"""The papers' experiments, repeated: each with a small scale for two cores and the paper's own for a GPU."""

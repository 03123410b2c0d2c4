"""Training as jobs of a worker process."""

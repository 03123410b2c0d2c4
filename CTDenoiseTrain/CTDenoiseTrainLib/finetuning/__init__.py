"""Training that goes on from a model: which layers learn, and how the result is kept."""

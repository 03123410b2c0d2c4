"""The scene layer of training: runs, their data and what they show, in MRML; no Qt."""

"""The Qt side of CTDenoise inside Slicer: each file binds one part of the panel, everything decided lies below it."""

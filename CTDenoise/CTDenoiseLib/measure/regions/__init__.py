"""Regions of interest: which voxels they hold, what those voxels say, and where to put them."""

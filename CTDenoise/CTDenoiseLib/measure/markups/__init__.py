"""Regions and lines as 3D Slicer saves them."""

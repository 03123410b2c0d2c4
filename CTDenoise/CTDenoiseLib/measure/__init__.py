"""Measures of image quality: what docs/measures.md lists, of images in memory, with numpy and scipy only."""

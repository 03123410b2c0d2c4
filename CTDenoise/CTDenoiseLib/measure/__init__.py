"""Measures of image quality: noise, edges, and where to take them."""

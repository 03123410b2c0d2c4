"""Recipes: everything that decides how a model is trained, as one file. Needs no torch."""

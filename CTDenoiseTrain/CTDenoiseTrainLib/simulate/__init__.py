"""Simulated training material: pure noise as a scanner would reconstruct it, and procedural anatomy."""

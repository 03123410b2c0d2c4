"""The panel of the module CT Denoise Train; see panel.py."""

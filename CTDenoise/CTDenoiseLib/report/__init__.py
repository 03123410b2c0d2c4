"""One page to judge a denoised volume by: pictures, audit, line profile, noise in regions, noise power spectrum.

Only `page` and what it draws with need matplotlib; `figures` is what other processes may hand in.
"""

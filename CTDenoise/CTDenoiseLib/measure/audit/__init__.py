"""Was it noise that a denoiser took away?"""

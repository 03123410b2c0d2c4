"""The worker: a process of its own that computes, so that torch stays out of the process with the windows.

The two sides share `messages`; `client` and `transport` are for the side with the windows. Nothing here imports torch
before the worker is asked to compute.
"""

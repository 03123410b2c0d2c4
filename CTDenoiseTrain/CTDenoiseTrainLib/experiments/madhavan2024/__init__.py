"""Madhavan et al. (AJNR 2024;45:96): HR-CNN for CSF-venous fistulas in photon-counting CT myelography."""

from .experiment import MyelographyExperiment

EXPERIMENT = MyelographyExperiment()

"""Winograd's minimal filtering F(4, 3): four results of a filter of three taps from six products instead of twelve.

Winograd, Arithmetic Complexity of Computations (SIAM 1980); for networks Lavin and Gray (CVPR 2016, arXiv 1509.09308).
Here it runs along the rows of an image only, and the products are convolutions along its columns: half the
multiplications of a 3 × 3 convolution, and so mild a loss of precision that bf16 can bear it. In both directions it
would be a quarter, at several times the error.

The points 0, 1, −1, ½, −2 and ∞ give about a tenth less error than the usual 0, ±1, ±2 and ∞ (Barabasz et al., ACM
Trans. Math. Softw. 2020;46:37, doi 10.1145/3412380, found them best for this size). The transforms of the input and the
output for them are written out in `kernels`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)
FACTORS = len(POINTS) + 1
ROWS = 4
# The product at the point 1 goes into all four results once, and with it a bias that is added there.
BIAS_FACTOR = POINTS.index(1.0)


def transform_kernel(kernel: Tensor, dtype: torch.dtype) -> Tensor:
    """Kernels along x that make the six products.

    Args:
        kernel: Float32, shape (filters, channels, 3, x).
        dtype: Of the result.

    Returns:
        Shape (6, filters, channels, 1, x), each of the six in channels-last layout.
    """
    points = np.array(POINTS)
    differences = points[:, None] - points + np.eye(len(points))
    rows = points[:, None] ** np.arange(3) / differences.prod(axis=1, keepdims=True)
    matrix = torch.from_numpy(np.vstack([rows, [0.0, 0.0, 1.0]])).float()
    filters, channels, _, columns = kernel.shape
    taps = kernel.permute(2, 0, 3, 1).reshape(3, -1)
    return (matrix @ taps).to(dtype).view(FACTORS, filters, 1, columns, channels).permute(0, 1, 4, 2, 3)

"""Ways to compute a network that were tried: what is used now, what was used before, and what was decided against.

Each is a function by name in `WAYS` that makes a network ready and returns what computes scaled noise, shape (n, y, x),
from windows, shape (n, channels, y, x). One that cannot be had here raises `NotHereError` with the reason.
"""

from __future__ import annotations

import ctypes
import importlib
import platform
import shutil
import sys
import warnings
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.utils import convert_conv2d_weight_memory_format

from benchmarks.eight_bits import rounded_to_eight_bits
from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.inference.execution import LayerByLayer, execution_of
from CTDenoiseLib.inference.fold import fold_batch_norm
from CTDenoiseLib.inference.lower import lower_precision
from CTDenoiseLib.networks import DenoisingNetwork

Compute = Callable[[Tensor], Tensor]

# Names in <malloc.h> of glibc.
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


class NotHereError(CTDenoiseError):
    """This machine or its packages cannot do it."""


def ours(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """As the denoiser does it."""
    return execution_of(network, backend).noise


def without_winograd(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """The same with all convolutions as they are defined."""
    if backend.device != "cpu":
        raise NotHereError("Only processors compute by Winograd's convolutions here.")
    steps = importlib.import_module("CTDenoiseLib.inference.processor.steps")
    # Of channels that a convolution must have; the process has it to itself.
    vars(steps)["_LEAST_CHANNELS"] = sys.maxsize
    return ours(network, backend, sample)


def layer_by_layer(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """PyTorch, eager, batch norm folded, channels last, in the backend's precision."""
    return LayerByLayer(_ready(network, backend)).noise


def eager_fp32(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """PyTorch as it comes."""
    return _first_channel(network.to(backend.device))


def layer_by_layer_with_kept_memory(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """The same where the C library keeps memory that was freed, so that it need not be mapped page by page again."""
    _keep_memory(backend)
    return layer_by_layer(network, backend, sample)


def onednn_graph(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """TorchScript with the fusion of oneDNN Graph."""
    if backend.device != "cpu" or not torch.backends.mkldnn.is_available():
        raise NotHereError("oneDNN Graph is for processors.")
    with warnings.catch_warnings():
        # PyTorch says that TorchScript is no longer developed.
        warnings.simplefilter("ignore")
        torch.jit.enable_onednn_fusion(True)
        torch._C._jit_set_autocast_mode(False)
        traced = torch.jit.freeze(torch.jit.trace(_ready(network, backend), sample))
    return _first_channel(traced)


def onednn_graph_with_kept_memory(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """The same with memory kept."""
    _keep_memory(backend)
    return onednn_graph(network, backend, sample)


def compiled(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """torch.compile, weights frozen."""
    return _compiled(network, backend, "default")


def compiled_with_search(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """torch.compile in mode max-autotune, weights frozen."""
    return _compiled(network, backend, "max-autotune")


def openvino(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """OpenVINO in the backend's precision."""
    if backend.device != "cpu":
        raise NotHereError("OpenVINO is compared on processors only.")
    try:
        import openvino as ov
    except ImportError:
        raise NotHereError("OpenVINO is not installed.") from None
    precision = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}[backend.precision]
    folded = fold_batch_norm(network)
    model = ov.convert_model(folded, example_input=sample[:, :, :64, :64].contiguous(), input=list(sample.shape))
    hints = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
    request = ov.Core().compile_model(model, "CPU", hints).create_infer_request()
    return lambda given: torch.from_numpy(request.infer([given.contiguous().numpy()])[0][:, 0].copy())


def eight_bits(network: DenoisingNetwork, backend: Backend, sample: Tensor) -> Compute:
    """Weights and activations rounded to 8 bits, computed in float32: what an int8 path would give, not its speed."""
    return _first_channel(rounded_to_eight_bits(fold_batch_norm(network).to(backend.device), sample))


WAYS = {
    "ctdenoise": ours,
    "ctdenoise without Winograd": without_winograd,
    "eager fp32": eager_fp32,
    "layer by layer, memory kept": layer_by_layer_with_kept_memory,
    "oneDNN Graph": onednn_graph,
    "oneDNN Graph, memory kept": onednn_graph_with_kept_memory,
    "torch.compile": compiled,
    "torch.compile, max-autotune": compiled_with_search,
    "OpenVINO": openvino,
    "int8, emulated": eight_bits,
}
UNTIMED = {"int8, emulated"}
"""Those whose result is right and whose time says nothing."""


def _ready(network: DenoisingNetwork, backend: Backend) -> DenoisingNetwork:
    lowered = lower_precision(fold_batch_norm(network), backend.dtype).to(backend.device)
    ready: DenoisingNetwork = convert_conv2d_weight_memory_format(lowered, backend.memory_format)
    return ready


def _first_channel(network: Callable[[Tensor], Tensor]) -> Compute:
    return lambda given: network(given)[:, 0].float()


def _compiled(network: DenoisingNetwork, backend: Backend, mode: str) -> Compute:
    if backend.device == "cpu" and not any(map(shutil.which, ("c++", "g++", "clang++", "cl"))):
        raise NotHereError("torch.compile needs a C++ compiler, and there is none.")
    import torch._inductor.config

    # Without it the convolutions of a processor stay as they are.
    torch._inductor.config.freezing = True
    # Without it the compiler leaves out roundings, and with them all that `SplitConvolution` is for.
    torch._inductor.config.emulate_precision_casts = True
    return _first_channel(torch.compile(_ready(network, backend), mode=mode))


def _keep_memory(backend: Backend) -> None:
    if backend.device != "cpu" or sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        raise NotHereError("Only the C library of Linux can be told to keep memory, and only for processors.")
    library = ctypes.CDLL(None)
    if not (library.mallopt(_M_MMAP_MAX, 0) and library.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)):
        raise NotHereError("The C library would not keep memory.")

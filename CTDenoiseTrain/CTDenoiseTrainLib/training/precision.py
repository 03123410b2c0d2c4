"""One step of the optimiser in the precision of the backend: float32 weights, lower precision inside the network."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from CTDenoiseLib.inference import Backend


class PreciseStep:
    """Adam with clipped gradients; in fp16 with a loss that is scaled so that small gradients do not vanish."""

    def __init__(self, parameters: Sequence[nn.Parameter], backend: Backend, *, gradient_norm: float) -> None:
        """Get ready for the first step.

        Args:
            parameters: What learns.
            backend: Device and precision.
            gradient_norm: Gradients are clipped to this norm.
        """
        self._parameters = parameters
        self._gradient_norm = gradient_norm
        self._kind = backend.device.split(":")[0]
        self._dtype = backend.dtype
        # One pass over memory for each parameter instead of one for each operation.
        fused = self._kind in ("cpu", "cuda")
        self.optimiser = torch.optim.Adam(parameters, fused=fused)
        self._step_device = torch.device(backend.device if fused else "cpu")
        self._scaler = torch.amp.GradScaler(self._kind, enabled=backend.precision == "fp16")

    def autocast(self) -> AbstractContextManager[object]:
        """Inside, convolutions are computed in the precision of the backend."""
        return torch.autocast(self._kind, self._dtype, enabled=self._dtype != torch.float32)

    def __call__(self, objective: Tensor, rate: float) -> Tensor:
        """Change the parameters so that the objective falls.

        Args:
            objective: Scalar.
            rate: Learning rate.

        Returns:
            A scalar that is finite as long as all is well. In fp16 gradients overflow now and then by design, which
            costs a step; then it is the objective, else the norm of the gradient.
        """
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        self._scaler.scale(objective).backward()  # type: ignore[no-untyped-call]
        self._scaler.unscale_(self.optimiser)
        norm = nn.utils.clip_grad_norm_(self._parameters, self._gradient_norm)
        self._scaler.step(self.optimiser)
        self._scaler.update()
        return objective.detach() if self._scaler.is_enabled() else norm

    def moments(self, names: Sequence[str]) -> dict[str, Tensor]:
        """The memory of Adam as “NAME.KEY”; empty before the first step.

        Args:
            names: Of the parameters, in their order.
        """
        state = self.optimiser.state
        return {
            f"{name}.{key}": value
            for name, parameter in zip(names, self._parameters, strict=True)
            for key, value in state[parameter].items()
        }

    def restore_moments(self, names: Sequence[str], moments: dict[str, Tensor]) -> None:
        """The way back from `moments`.

        Raises:
            KeyError: A parameter lacks its memory, or there is some of an unknown one.
            RuntimeError: Shapes differ.
        """
        unused = set(moments)
        for name, parameter in zip(names, self._parameters, strict=True) if moments else ():
            keys = {"step", "exp_avg", "exp_avg_sq"}
            # Laid out in memory like the parameter, as Adam does it: another order of summing would round otherwise.
            self.optimiser.state[parameter] = {
                key: moments[f"{name}.{key}"].to(self._step_device).clone()
                if key == "step"
                else torch.empty_like(parameter).copy_(moments[f"{name}.{key}"])
                for key in keys
            }
            unused -= {f"{name}.{key}" for key in keys}
        if unused:
            raise KeyError(min(unused))

    @property
    def scaler(self) -> dict[str, Any] | None:
        """State of the scaled loss, ready for JSON; `None` where the loss is not scaled."""
        return self._scaler.state_dict() or None

    def restore_scaler(self, state: dict[str, Any] | None) -> None:
        """The way back from `scaler`."""
        if state and self._scaler.is_enabled():
            self._scaler.load_state_dict(state)

"""The worker that trains, `python -m CTDenoiseTrainLib.worker`: it does the jobs of the core, and those of training."""

from __future__ import annotations

from CTDenoiseLib.worker.priority import let_others_go_first
from CTDenoiseLib.worker.standard_streams import take_standard_streams


def main() -> None:
    """Serve until the client quits or is no more."""
    let_others_go_first()
    lines_in, lines_out = take_standard_streams()
    from CTDenoiseLib.worker import jobs
    from CTDenoiseLib.worker.server import Server

    from .messages import KeepModel, LookAtData, Train

    jobs.register(LookAtData, f"{__package__}.look_job")
    jobs.register(Train, f"{__package__}.train_job")
    jobs.register(KeepModel, f"{__package__}.keep_job")
    Server(lines_in, lines_out).serve()


if __name__ == "__main__":
    main()

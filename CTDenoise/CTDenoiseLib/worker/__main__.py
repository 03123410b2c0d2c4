"""The worker process, `python -m CTDenoiseLib.worker`: reads from standard input, answers on standard output."""

from __future__ import annotations

from .priority import let_others_go_first
from .standard_streams import take_standard_streams


def main() -> None:
    """Serve until the client quits or is no more."""
    let_others_go_first()
    lines_in, lines_out = take_standard_streams()
    from .server import Server

    Server(lines_in, lines_out).serve()


if __name__ == "__main__":
    main()

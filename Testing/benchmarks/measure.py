"""How long measuring takes, beside the plain way in the same run: python Testing/benchmarks/measure.py [roi nps ...]

Runs all `measure_….py` beside it, or those named; `measure_panel.py`, which counts updates a second, is run by itself.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.side_by_side import table

PREFIX = "measure_"
FILES = Path(__file__).parent.glob(f"{PREFIX}*.py")
PARTS = sorted({path.stem.removeprefix(PREFIX) for path in FILES} - {"panel"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    wanted = parser.parse_args().parts or PARTS
    unknown = set(wanted) - set(PARTS)
    if unknown:
        parser.error(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for part in wanted:
        print(table(importlib.import_module(f"benchmarks.{PREFIX}{part}").rows()), flush=True)


if __name__ == "__main__":
    main()

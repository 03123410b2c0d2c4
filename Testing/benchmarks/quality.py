"""How good the models are, beside other methods: one table for each data set, with what is to be reached.

    python Testing/benchmarks/quality.py --work FOLDER --data DATA
    python Testing/benchmarks/quality.py --work FOLDER --data DATA --only nlst,spine --models MODELS

Writes quality.md, quality.json and pictures. What is finished stays in the folder, and the same command goes on from
there. What it measures and which packages it wants is said in docs/quality.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import quality_nlst, quality_red_cnn
from benchmarks.quality_bench import compare
from benchmarks.quality_data import DataSet
from benchmarks.quality_mayo import MayoPairs
from benchmarks.quality_methods import BlockMatching, Method, OfStore
from benchmarks.quality_philips import PhilipsHead
from benchmarks.quality_spine import SimulatedSpine
from benchmarks.quality_table import Comparison
from CTDenoiseLib import __version__
from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.models import ModelStore
from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.workbench import Workbench, write_json

DATA_SETS: Mapping[str, Callable[[Path], DataSet]] = {
    "nlst": quality_nlst.NlstChest,
    "philips": PhilipsHead,
    "mayo": MayoPairs,
    "spine": SimulatedSpine,
}
MODELS = ("hrcnn-uhr", "hrcnn-small", "unet", "plain-cnn")
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def main(given: Sequence[str] | None = None) -> int:
    """Measure, and write the result."""
    options = _options(given)
    try:
        backend = Backend.choose(options.backend, options.precision)
        options.work.mkdir(parents=True, exist_ok=True)
        bench = Workbench(options.work, Scale.QUICK, backend=backend, watcher=Printer(), data=options.data)
        methods, notes = _methods(bench, options)
        comparisons = []
        for name in options.only:
            try:
                comparisons.append(compare(bench, DATA_SETS[name](options.data), methods))
            except CTDenoiseError as error:
                notes.append(f"{name}: not measured. {error}")
            _write(bench, comparisons, notes)
    except CTDenoiseError as error:
        print(error, file=sys.stderr)
        return 2
    print((options.work / "quality.md").read_text(encoding="utf-8"))
    return 0


class Printer:
    """Prints what is being done."""

    def step(self, name: str) -> None:
        """A line for each stage."""
        print(name, flush=True)

    def count(self, done: int, total: int) -> None:
        """Say nothing."""

    def note(self, sentence: str) -> None:
        """A line."""
        print(sentence, flush=True)


def _methods(bench: Workbench, options: argparse.Namespace) -> tuple[list[Method], list[str]]:
    """What is there of the methods but non-local means, and sentences on what is not."""
    store = ModelStore(None, options.models) if options.models else ModelStore.default()
    there = {card.name for card in store.cards()}
    methods: list[Method] = [OfStore(store.load(name), bench.backend) for name in MODELS if name in there]
    notes = [f"The store holds no model “{name}”." for name in MODELS if name not in there]
    if BlockMatching.is_there():
        methods.append(BlockMatching())
    else:
        notes.append("BM3D is left out: the packages bm3d and bm4d are not installed.")
    if not quality_red_cnn.is_there():
        notes.append("RED-CNN is left out: the package ldct-benchmark is not installed.")
    elif options.train_red_cnn or quality_red_cnn.is_trained(bench):
        network = quality_red_cnn.trained_red_cnn(
            bench,
            seconds=lambda: options.seconds or store.card("unet").training.duration_s,
            chests=options.chests,
            series=options.data / quality_nlst.FOLDER,
        )
        methods.append(quality_red_cnn.RedCnn(network, bench.backend.device))
    else:
        notes.append("RED-CNN is left out: it has not been trained in this folder; --train-red-cnn does it.")
    return methods, notes


def _write(bench: Workbench, comparisons: Sequence[Comparison], notes: Sequence[str]) -> None:
    machine = {
        "ctdenoise": __version__,
        "device": bench.backend.device_name,
        "precision": bench.backend.precision,
        "torch": torch.__version__,
        "machine": f"{os.cpu_count()} processors, {platform.machine()}, {platform.system()}",
    }
    tables = {comparison.data.name: comparison.content() for comparison in comparisons}
    write_json(bench.folder / "quality.json", {**machine, "notes": list(notes), "data": tables})
    page = [comparison.page() for comparison in comparisons]
    (bench.folder / "quality.md").write_text(
        "\n".join([*page, *(f"- {note}" for note in notes)]) + "\n", encoding="utf-8"
    )


def _options(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for results and for what is finished")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with the folders of real CT")
    parser.add_argument(
        "--only", type=_names, default=tuple(DATA_SETS), help=f"of {','.join(DATA_SETS)}; default is all"
    )
    parser.add_argument("--models", type=Path, help="folder of models in place of the store")
    parser.add_argument("--train-red-cnn", action="store_true", help="train RED-CNN for as long as “unet” was")
    parser.add_argument("--seconds", type=float, help="of its training, in place of the time on the card of “unet”")
    parser.add_argument("--chests", type=Path, default=Path("build/lung"), help="where chest volumes are kept for it")
    parser.add_argument("--backend", default="auto", help="auto, cuda:N, mps or cpu")
    parser.add_argument("--precision", default="auto", help="auto, fp32, bf16 or fp16")
    return parser.parse_args(given)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = sorted(set(names) - set(DATA_SETS))
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(DATA_SETS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())

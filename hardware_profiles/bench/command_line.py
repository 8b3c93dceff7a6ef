"""The bench's one command line: of ``tierwise bench`` and of the packed file on a board."""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn

from hardware_profiles import profile_file
from hardware_profiles.bench.board import Board
from hardware_profiles.bench.machine import machine
from hardware_profiles.bench.packing import packed, version
from hardware_profiles.bench.printing import complain, heading, notes, progress, row, show, title
from hardware_profiles.bench.running import Result, Settings, measured
from hardware_profiles.bench.session import OPTIMISATIONS, SessionSettings, onnxruntime
from hardware_profiles.faults import BadInput, Fault

BAD_INPUT, INTERRUPTED = 2, 130
_SOONER = "; each is kept when it is done, which a shorter --seconds brings forward"

_ABOUT = "Measure how long an ONNX model takes on this very machine; writes a profile file."
_EXAMPLES = """\
examples:
  {program} model.onnx --hardware my-board
  {program} model.onnx --hardware my-board --batch 1 4 8 --threads 1 4 --runs 500
  {program} model.onnx --hardware my-board --axis height=640 --axis width=640 --layers
  {program} --pack bench.pyz      one file to copy to a board: python3 bench.pyz model.onnx --hardware my-board

figures: a run takes its inputs from the host's memory and brings its outputs back there (but --without-copies);
memory is the peak of this process less what it held before loading the model; energy is what the board's counter
saw per input, its idle share included.
"""


def run() -> NoReturn:
    """Entry point of the packed bench: whatever happens becomes an exit code and, at worst, one line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    program = f"python3 {Path(sys.argv[0]).name}"
    try:
        sys.exit(bench(sys.argv[1:], program))
    except BadInput as bad:
        complain(str(bad))
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        if os.environ.get("TIERWISE_DEBUG"):
            raise
        about = " ".join(f"{type(error).__name__}: {error}".split())
        complain(f"{program} failed: {about} (a fault of ours; TIERWISE_DEBUG=1 shows where)")
        sys.exit(1)


def bench(arguments: Sequence[str], program: str, board: Board | None = None) -> int:
    """Do what a command line says; returns the exit code.

    Each configuration is written when it is done, so that an interrupted bench keeps what was finished.

    Raises
    ------
    BadInput
        With one clear message for what cannot be measured or written.
    """
    given = _parser(program).parse_args(arguments)
    if given.pack is not None:
        file = packed(given.pack)
        if not given.quiet:
            show(str(file))
        return 0
    if given.model_file is None or not given.hardware:
        missing = "no model" if given.model_file is None else "no name for this machine"
        raise BadInput(Fault(program, missing, "MODEL.onnx --hardware NAME"))
    settings, out = _settings(given), _out(given)
    board = board or Board()
    about = {**machine(board), "onnxruntime": onnxruntime().__version__, "onnxruntime_build": _build()}
    talks = not (given.json or given.quiet)
    results: list[Result] = []
    replaced: list[str] = []
    code = 0
    wrong: BadInput | None = None
    try:
        with progress(not talks) as say:
            for result in measured(settings, board, say):
                replaced += profile_file.replaced(out, [result.measurement])
                profile_file.save(out, [result.measurement], about)
                results.append(result)
                say("")
                if talks:
                    _show(result, first=len(results) == 1)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BadInput as bad:
        if not results:
            raise
        wrong = bad
    said = [*(note for result in results for note in result.notes), *replaced]
    if code == INTERRUPTED:
        asked = max(len(settings.threads), 1) * max(len(settings.batches), 1)
        said.append(f"interrupted: {len(results)} of {asked} configurations done and kept{_SOONER}")
    if given.json:
        _show_json(out, results, about, said)
    elif talks:
        for line in notes(said):
            show(line)
        if results:
            show(f"written to {out}; in a scenario:")
            show(f"  figures: {_pasted(out)}")
    if wrong is not None:
        raise wrong
    return code


def _show(result: Result, first: bool) -> None:
    for line in (title(result.measurement), heading()) if first else ():
        show(line)
    show(row(result.measurement))


def _show_json(out: Path, results: Sequence[Result], about: dict[str, str | float], said: Sequence[str]) -> None:
    document = profile_file.document([result.measurement for result in results], about)
    extended = {**document, "file": str(out) if results else None, "notes": list(dict.fromkeys(said))}
    sys.stdout.write(json.dumps(extended, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _pasted(out: Path) -> str:
    return str(out) if out.is_absolute() or out.parts[:1] in (("..",), (".",)) else f"./{out}"


def _build() -> str:
    return " ".join(str(onnxruntime().get_build_info()).split())


def _settings(given: argparse.Namespace) -> Settings:
    file: Path = given.model_file
    if not file.is_file():
        raise BadInput(Fault("", "no such file", "an ONNX model", file=str(file)))
    with file.open("rb") as opened:
        digest = _sha256(opened)
    return Settings(
        model_file=file,
        model=given.model or file.stem,
        hardware=given.hardware,
        precision=given.precision,
        unit=given.unit,
        provider=given.provider,
        batches=tuple(dict.fromkeys(given.batch)),
        threads=tuple(dict.fromkeys(given.threads)),
        session=SessionSettings(None, given.inter_op, given.optimisation, dict(given.provider_option)),
        axes=_axes(given.axis),
        runs=given.runs,
        seconds=given.seconds,
        warm_up_s=given.warm_up,
        sample=given.sample,
        layers=given.layers,
        without_copies=given.without_copies,
        power_mode=given.power_mode,
        conditions=given.conditions,
        source=f"tierwise bench {version()} on {given.hardware}; {file.name}, sha256 {digest[:12]}",
        date=datetime.date.today().isoformat(),
    )


def _sha256(opened: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := opened.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _out(given: argparse.Namespace) -> Path:
    """Where the profile file goes; what is in the way is said before anything is measured."""
    if given.out is None and Path(given.hardware).name != given.hardware:
        raise BadInput(Fault("--hardware", f"`{given.hardware}`", "a name that a file can have, or --out FILE.json"))
    out: Path = given.out or Path(f"{given.hardware}.json")
    if out.is_dir():
        raise BadInput(Fault("--out", f"{out}, which is a folder", "a file, NAME.json"))
    if out.exists():
        profile_file.save(out, ())
    return out


def _axes(pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    wrong = [f"{name}={size}" for name, size in pairs if not size.isdigit() or int(size) < 1]
    if wrong:
        raise BadInput(Fault("--axis", repr(text), "NAME=SIZE with a whole number from 1") for text in wrong)
    return {name: int(size) for name, size in pairs}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"found `{text}`, expected NAME=VALUE")
    return name.strip(), value.strip()


def _from_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found `{text}`, expected a whole number from 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"found `{text}`, expected seconds")
    return seconds


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as everything else does."""

    def error(self, message: str) -> NoReturn:
        complain(f"{self.prog}: {message} (see --help)")
        sys.exit(BAD_INPUT)


def _parser(program: str) -> _Parser:
    parser = _Parser(
        prog=program,
        usage=f"{program} MODEL.onnx --hardware NAME [options]",
        description=_ABOUT,
        epilog=_EXAMPLES.format(program=program),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("model_file", metavar="MODEL.onnx", type=Path, nargs="?", help="The model.")
    add("--hardware", metavar="NAME", default="", help="What this machine is to be called, as in the catalogue.")
    add("--model", metavar="NAME", default="", help="What the model is to be called [its file's name].")
    add("--precision", metavar="P", default="", help="fp32, fp16, int8 … [as most of the weights are kept].")
    add("--unit", metavar="UNIT", type=str.upper, default="", help="CPU, GPU, NPU … [what the provider computes on].")
    add("--batch", metavar="N", type=_from_one, nargs="+", default=[], help="Inputs per execution; several: each.")
    add("--axis", metavar="NAME=N", type=_pair, action="append", default=[], help="Size of an open axis (repeatable).")
    add("--threads", metavar="N", type=_from_one, nargs="+", default=[], help="Of an execution; several: each [cores].")
    add("--inter-op", metavar="N", type=_from_one, default=1, help="Operators executed at once [1].")
    add("--provider", metavar="NAME", help="Execution provider, such as CPU, CUDA, Xnnpack [the one preferred here].")
    add(
        "--provider-option",
        metavar="KEY=VALUE",
        type=_pair,
        action="append",
        default=[],
        help="Handed to the provider (repeatable).",
    )
    add("--optimisation", choices=OPTIMISATIONS, default="all", help="Of the model's graph [all].")
    add("--without-copies", action="store_true", help="Keep inputs and outputs in the device's memory.")
    add("--runs", metavar="N", type=_from_one, help="Executions to measure.")
    add("--seconds", metavar="T", type=_seconds, help="Time to measure; with --runs whichever ends first [10].")
    add("--warm-up", metavar="T", type=_seconds, default=10.0, help="Longest time until it counts as warm [10].")
    add("--sample", action="store_true", help="Keep every single duration.")
    add("--layers", action="store_true", help="Take the model node by node too (needs onnx).")
    add("--power-mode", metavar="TEXT", default="", help="Where it is not the usual one: 15W, MaxQ.")
    add("--conditions", metavar="TEXT", default="", help="What else is to be known about the figures.")
    add("--out", metavar="FILE", type=Path, help="Profile file; what it holds is kept [NAME.json].")
    add("--pack", metavar="FILE", type=Path, help="Write the bench as one file and do nothing else.")
    add("--json", action="store_true", help="One JSON document on stdout and nothing else.")
    add("--quiet", action="store_true", help="Print nothing but faults.")
    return parser

"""Running ``maxsimd-train``, the program with LibTorch, which the wheel does not carry."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from .._maxsimd import FormatError, IoError
from .._shipped import program

# Exit codes of maxsimd-train (docs/training.md); other failures are RuntimeErrors.
_STOPPED = 3
_ERRORS: dict[int, type[Exception]] = {2: ValueError, os.EX_DATAERR: FormatError, os.EX_IOERR: IoError}
_ERROR = "maxsimd train: "

# As `maxsimd train` sets them (cli/train.cpp says why).
_ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "10000",
                "MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "17179869184"}


def find_train_program() -> str:
    """MAXSIMD_TRAIN, or ``maxsimd-train`` on the PATH or beside the package's command."""
    named = os.environ.get("MAXSIMD_TRAIN")
    if named:
        if os.access(named, os.X_OK):
            return named
        raise FileNotFoundError(f"MAXSIMD_TRAIN={named}: no such program")
    beside = program().resolve().parent / "maxsimd-train"
    found = shutil.which("maxsimd-train") or (str(beside) if os.access(beside, os.X_OK) else None)
    if found is None:
        raise FileNotFoundError(
            "maxsimd-train is not there: training needs LibTorch, which the package does not "
            "carry. Build it from the source: 'scripts/install_deps.sh build train', then 'cmake "
            "--preset release && cmake --build --preset release', and name "
            "build/release/bin/maxsimd-train in the environment variable MAXSIMD_TRAIN, or put it "
            "on the PATH")
    return found


def run_training(config: Path) -> None:
    """Trains as the file says. What the program tells goes to stderr as it comes.

    With the program's message: ValueError, before anything is touched, for arguments that are
    wrong, or as FormatError for what a file holds; IoError for what the system refuses,
    RuntimeError for what else goes wrong; KeyboardInterrupt after Ctrl-C, when the checkpoint is
    written.
    """
    environment = {**_ENVIRONMENT, **os.environ, "MAXSIMD_TRAIN_PARENT": str(os.getpid())}
    with subprocess.Popen([find_train_program(), "--config", os.fspath(config)],
                          stderr=subprocess.PIPE, text=True, errors="replace",
                          env=environment) as process:
        try:
            last = _forward(process)
        except BaseException:
            process.send_signal(signal.SIGINT)
            _forward(process)
            raise
        code = process.wait()
    if code == 0:
        return
    message = last.removeprefix(_ERROR)
    if not last.startswith(_ERROR) and code != _STOPPED:
        message = f"maxsimd-train {_ending(code)}; the last it said: {last or 'nothing'}"
    if code == _STOPPED:
        raise KeyboardInterrupt(message)
    raise _ERRORS.get(code, RuntimeError)(message)


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by signal {-code} ({signal.Signals(-code).name})"


def _forward(process: subprocess.Popen) -> str:
    """Returns the last line that tells an error, else the last one."""
    last = ""
    for line in process.stderr or ():
        sys.stderr.write(line)
        sys.stderr.flush()
        if not last.startswith(_ERROR) or line.startswith(_ERROR):
            last = line.strip()
    return last

"""The package's type hints, and what a type checker makes of a script that uses it."""
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

ROOT = pathlib.Path(__file__).parents[2]

SCRIPT = """
import numpy as np
from maxsimd import FormatError, __version__, indexes, models, rank, retrieve
from maxsimd.rank import RerankResult

model = models.ColBERT("mini", num_threads=2)
index: indexes.Base = indexes.PLAID("folder").add_documents(["a"], model.encode(["b"]))
hits: list[list[RerankResult]] = retrieve.ColBERT(index).retrieve(model.encode("q"), k=3)
name: int | str = hits[0][0]["id"]
version: str = __version__
error: type[ValueError] = FormatError
width: int = model.encode("q").shape[1]
rows: int = len(model.encode(["d"], is_query=False)[0])
numbers: np.ndarray = model.encode(["d"], precision="int8")[0]
"""
WRONG = """
models.ColBERT(7)
model.encode("a", precision="f64")
index.no_such_method()
hits[0][0]["no_such_key"]
rank.rerank(masking="x")
"""

# Of the extension, whose functions are none of Python's (test_package compares its stub); of Enum.
NOT_COMPARED = [r"maxsimd\._maxsimd\..*", r".*Samplers\.__new__",
                r"maxsimd\.models\.settings\.Settings\.encode"]


@unittest.skipUnless(importlib.util.find_spec("mypy"), "NOT TESTED: no mypy")
class Types(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def mypy(self, *arguments, cwd):
        return subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", str(self.folder / "cache"),
                               *arguments], text=True, capture_output=True, cwd=cwd)

    def test_the_package(self):
        done = self.mypy(cwd=ROOT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_script(self):
        script = self.folder / "script.py"
        script.write_text(textwrap.dedent(SCRIPT))
        done = self.mypy("--config-file", str(ROOT / "pyproject.toml"), "--strict", str(script),
                         cwd=ROOT / "python")
        self.assertEqual(done.stderr, "")
        # The package's own files are not held to that; where it is installed mypy does not look.
        self.assertEqual([line for line in done.stdout.splitlines()
                          if not line.startswith(("maxsimd/", "Found "))], [])
        script.write_text(SCRIPT + WRONG)
        done = self.mypy("--config-file", str(ROOT / "pyproject.toml"), str(script), cwd=ROOT / "python")
        lines = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
        first = len(SCRIPT.splitlines()) + 2
        self.assertEqual(lines, set(range(first, first + 5)), done.stdout)

    def test_hints_are_those_of_what_runs(self):
        allowed = self.folder / "allowed"
        allowed.write_text("".join(f"{name}\n" for name in NOT_COMPARED))
        done = subprocess.run([sys.executable, "-m", "mypy.stubtest", "maxsimd", "--concise",
                               "--allowlist", str(allowed), "--ignore-unused-allowlist",
                               "--mypy-config-file", str(ROOT / "pyproject.toml")], text=True,
                              capture_output=True, cwd=self.folder)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)


if __name__ == "__main__":
    unittest.main()

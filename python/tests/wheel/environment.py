"""A fresh virtual environment with the wheel in dist/ and what it asks for, nothing else."""
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).parents[3]


def wheel() -> pathlib.Path:
    wheels = sorted((ROOT / "dist").glob("maxsimd-*.whl"))
    if len(wheels) != 1:
        raise FileNotFoundError(f"expected one wheel in {ROOT / 'dist'}, found {len(wheels)}; "
                                "make it by: scripts/wheel.sh build")
    return wheels[0]


class Environment:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="maxsimd-wheel-")
        self.path = pathlib.Path(self._folder.name) / "venv"
        self.work = pathlib.Path(self._folder.name) / "work"
        self.work.mkdir()
        venv.create(self.path, with_pip=True)
        self.bin = self.path / "bin"
        self.python("-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel()))

    def close(self) -> None:
        self._folder.cleanup()

    def run(self, *command: str, **options) -> subprocess.CompletedProcess:
        """Runs a command in the work folder; an AssertionError tells what it said on failure."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("PYTHON", "MAXSIMD"))}
        environment["PATH"] = f"{self.bin}{os.pathsep}{environment['PATH']}"
        done = subprocess.run(command, cwd=self.work, env=environment, text=True,
                              capture_output=True, **options)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def python(self, *arguments: str, **options) -> str:
        return self.run(str(self.bin / "python"), *arguments, **options).stdout

    def packages(self) -> set[str]:
        """What is installed, but for pip and its own."""
        listed = self.python("-m", "pip", "list", "--format=freeze", "--disable-pip-version-check")
        return {line.split("==")[0] for line in listed.split()} - {"pip", "setuptools", "wheel"}


if __name__ == "__main__":
    environment = Environment()
    try:
        print(environment.python(*sys.argv[1:]))
    finally:
        environment.close()

#!/usr/bin/env python3
"""Takes the snippets out of README.md and runs them.

    run_snippets.py shell --program build/release/bin/maxsimd
    run_snippets.py cpp --prefix INSTALLED

A ```sh block is run by bash in an empty folder that holds the repository's examples and models, with
the program on the path; where a ```text block follows, each of its lines must appear in the output.
Blocks that start with git, pip or scripts/ build the project itself: only the files they name are checked.
Snippets of Python are tests of the package (python/tests/test_examples.py).
A ```cpp block with a main() is built against the installed library and run in the same folder.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(snippet LANGUAGES CXX)
find_package(maxsimd REQUIRED)
add_executable(snippet snippet.cpp)
target_link_libraries(snippet PRIVATE maxsimd::maxsimd)
"""


def read_blocks(readme):
    """[(language, code, line)] of every fenced block, in order."""
    text = readme.read_text(encoding="utf-8")
    return [(m[1], m[2], text.count("\n", 0, m.start()) + 2) for m in FENCE.finditer(text)]


def run(command, where, **options):
    """The stdout of a command; on failure its whole output, and exit 1."""
    done = subprocess.run(command, text=True, capture_output=True, check=False, **options)
    if done.returncode:
        sys.exit(f"{where}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"{where}: ok")
    return done.stdout


def make_scratch(folder):
    scratch = pathlib.Path(folder)
    for name in ("examples", "models"):
        (scratch / name).symlink_to(ROOT / name)
    return scratch


def check_text(expected, output, where):
    missing = [line for line in expected.splitlines() if line.strip() and line.rstrip() not in
               [printed.rstrip() for printed in output.splitlines()]]
    if missing:
        sys.exit(f"{where}: the output lacks these lines:\n" + "\n".join(missing) +
                 f"\nIt was:\n{output}")


def check_scripts(code, where):
    """Blocks that build the project cannot run inside its tests; what they name must be there."""
    for name in re.findall(r"(?:^|\s)((?:scripts|examples)/\S+|\.ci/\S+)", code):
        path = ROOT / name
        if not path.is_file() or not os.access(path, os.X_OK):
            sys.exit(f"{where}: {name} is not an executable file")
        run(["bash", "-n", path], f"{where} {name}")


def run_shell(blocks, program):
    environment = {**os.environ, "PATH": f"{program.resolve().parent}:{os.environ['PATH']}"}
    ran = 0
    with tempfile.TemporaryDirectory() as folder:
        scratch = make_scratch(folder)
        for index, (language, code, line) in enumerate(blocks):
            where = f"README.md:{line}"
            if language != "sh":
                continue
            if code.startswith(("git ", "pip ", "scripts/", "cmake ", ".ci/")):
                check_scripts(code, where)
                continue
            output = run(["bash", "-euo", "pipefail", "-c", code], where, cwd=scratch, env=environment)
            if index + 1 < len(blocks) and blocks[index + 1][0] == "text":
                check_text(blocks[index + 1][1], output, f"README.md:{blocks[index + 1][2]}")
            ran += 1
    return ran


def run_cpp(blocks, prefix, compiler):
    ran = 0
    for language, code, line in blocks:
        if language != "cpp" or "int main(" not in code:
            continue
        where = f"README.md:{line}"
        with tempfile.TemporaryDirectory() as folder:
            scratch = make_scratch(folder)
            (scratch / "snippet.cpp").write_text(code, encoding="utf-8")
            (scratch / "CMakeLists.txt").write_text(CMAKE, encoding="utf-8")
            configure = ["cmake", "-G", "Ninja", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=Release",
                         f"-DCMAKE_PREFIX_PATH={prefix.resolve()}"]
            if compiler:
                configure.append(f"-DCMAKE_CXX_COMPILER={compiler}")
            run(configure, f"{where} configure", cwd=scratch)
            run(["cmake", "--build", "build"], f"{where} build", cwd=scratch)
            print(run(["build/snippet"], f"{where} run", cwd=scratch))
        ran += 1
    return ran


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=("shell", "cpp"))
    parser.add_argument("--readme", type=pathlib.Path, default=ROOT / "README.md")
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("--prefix", type=pathlib.Path)
    parser.add_argument("--compiler")
    arguments = parser.parse_args()
    blocks = read_blocks(arguments.readme)
    if arguments.kind == "shell":
        ran = run_shell(blocks, arguments.program)
    else:
        ran = run_cpp(blocks, arguments.prefix, arguments.compiler)
    if ran == 0:
        sys.exit(f"{arguments.readme}: no {arguments.kind} snippet to run")
    print(f"{ran} {arguments.kind} snippets ran")


if __name__ == "__main__":
    main()

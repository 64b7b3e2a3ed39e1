#!/usr/bin/env python3
"""Builds and runs the C++ snippet of a model card, with models/mini as its model.

    card_snippets.py --program build/release/bin/maxsimd --prefix INSTALLED [--compiler CXX]
"""
import argparse
import json
import pathlib
import sys
import tempfile

import run_snippets


def write_card(program, folder):
    """README.md of a run folder that names its model 'mini', with the path that the snippet needs."""
    record = {"format": "maxsimd training run", "format_version": 1, "model_folder": "mini",
              "model_id": "some-org/mini"}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "mini").symlink_to(run_snippets.ROOT / "models" / "mini")
    text = run_snippets.run([program, "card", folder, "--out", "-"], "maxsimd card")
    readme = folder / "README.md"
    readme.write_text(text.replace('::load("mini")', '::load("models/mini")'), encoding="utf-8")
    return readme


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--prefix", type=pathlib.Path, required=True)
    parser.add_argument("--compiler")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        blocks = run_snippets.read_blocks(write_card(arguments.program.resolve(), pathlib.Path(name)))
        if run_snippets.run_cpp(blocks, arguments.prefix, arguments.compiler) != 1:
            sys.exit("the card has no C++ snippet")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The prompts that a model has in PyLate 1.6, by what its folder says and what the constructor is given ->
python/tests/testdata/pylate_prompts.json, which the package's tests go through (python/tests/test_prompts.py).

    python3 scripts/goldens/python_prompts_pylate.py

needs pylate 1.6.0.
"""
import json
import pathlib
import shutil
import sys
import tempfile

from pylate import models

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "python" / "tests"))
from parity_calls import PROMPT_ARGUMENTS, PROMPT_FOLDERS  # noqa: E402

CONFIG = "config_sentence_transformers.json"


def prompts_of(folder, arguments):
    """As they are after loading, and as they are saved; or the kind of the error."""
    try:
        model = models.ColBERT(str(folder), device="cpu", **arguments)
    except ValueError as error:
        return type(error).__name__
    target = folder.parent / "saved"
    model.save_pretrained(str(target), create_model_card=False)
    saved = json.loads((target / CONFIG).read_text())
    return {"prompts": model.prompts, "default_prompt_name": model.default_prompt_name,
            "saved": {name: saved[name] for name in ("prompts", "default_prompt_name")}}


results = []
for of_folder in PROMPT_FOLDERS:
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "model"
        shutil.copytree(ROOT / "models" / "mini", folder)
        config = json.loads((folder / CONFIG).read_text())
        (folder / CONFIG).write_text(json.dumps({**config, **of_folder}))
        results.append([prompts_of(folder, arguments) for arguments in PROMPT_ARGUMENTS])
path = ROOT / "python" / "tests" / "testdata" / "pylate_prompts.json"
path.write_text(json.dumps(results, indent=1) + "\n")

#!/usr/bin/env python3
"""Makes maxsimd/hyperparameters/testdata/names.json: names and defaults of the training arguments of Hugging Face.

    pip download --no-deps transformers==4.48.2 sentence-transformers==4.0.1, unpacked into FOLDER
    python3 scripts/goldens/hyperparameter_names.py FOLDER > maxsimd/hyperparameters/testdata/names.json

Needs transformers 5.3.0 and sentence-transformers 5.3.0 installed. The older versions are read from their source
(the fields of the dataclasses and the texts of their defaults), the newer ones are asked (to_dict()).
"""
import ast
import json
import pathlib
import sys

from sentence_transformers import SentenceTransformerTrainingArguments

FILES = (("transformers/training_args.py", "TrainingArguments"),
         ("sentence_transformers/training_args.py", "SentenceTransformerTrainingArguments"))


def default_of(field):
    if not isinstance(field, ast.Call):
        return ast.unparse(field)
    for keyword in field.keywords:
        if keyword.arg in ("default", "default_factory"):
            return ast.unparse(keyword.value)
    return None


def fields(path, name):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name).body
    return {node.target.id: default_of(node.value) for node in body if isinstance(node, ast.AnnAssign) and node.value}


def main():
    folder = pathlib.Path(sys.argv[1])
    older = {}
    for path, name in FILES:
        older.update(fields(folder / path, name))
    newer = {name: str(value) for name, value in SentenceTransformerTrainingArguments("unused").to_dict().items()}
    json.dump({"4.48.2": older, "5.3.0": newer}, sys.stdout, indent=1)
    print()


main()

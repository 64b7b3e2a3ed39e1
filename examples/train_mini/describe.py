#!/usr/bin/env python3
"""Puts into the record of the run (run.json) what only people know, for the card of models/mini; texts of the data are
taken out.

    python3 describe.py run/run.json
"""
import json
import sys

path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    run = json.load(file)
run.update(model_folder="mini", base_model="sentence-transformers/all-MiniLM-L6-v2")
run["train_datasets"][0].update(
    name="questions and answers of SQuAD v1.1, CLAPNQ and MedQuAD, with mined negatives", samples=[],
    link="https://rajpurkar.github.io/SQuAD-explorer/",
    license="CC BY-SA 4.0 (SQuAD); Apache-2.0, text CC BY-SA 3.0 (CLAPNQ); CC BY 4.0 (MedQuAD)")
with open(path, "w", encoding="utf-8") as file:
    json.dump(run, file, indent=1, ensure_ascii=False)
    file.write("\n")

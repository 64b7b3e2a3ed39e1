#!/usr/bin/env python3
"""Makes maxsimd/hyperparameters/testdata/target_card.tsv: the hyperparameters that a model card of PyLate lists.

    python3 scripts/goldens/hyperparameters_target_card.py CARD.txt > maxsimd/hyperparameters/testdata/target_card.tsv

CARD.txt is the text of a card as the hub shows it. Lines: `non_default` or `all`, name, value as printed; in the
card's order.
"""
import re
import sys

SECTIONS = (("non_default", "Non-Default Hyperparameters", "All Hyperparameters"),
            ("all", "All Hyperparameters", "Training Logs"))


def main():
    card = open(sys.argv[1], encoding="utf-8").read()
    for section, start, end in SECTIONS:
        text = card[card.index(start):card.index(end)]
        for name, value in re.findall(r"^\s*\u2022\s+(\w+):[ ]?(.*)$", text, re.MULTILINE):
            print(section, name, value.strip(), sep="\t")


main()

#!/usr/bin/env python3
"""Writes maxsimd/text/testdata/regexes.json: seeded random regexes of all that is supported, and hashes of what Hugging Face's
Split makes of a few texts with them.

    python3 scripts/goldens/tokenizer_regexes.py maxsimd/text/testdata/regexes.json [SEED] [COUNT]

Needs: tokenizers==0.23.3. Regexes that it refuses, or that need too many steps, are left out. A hash is over the bytes
"begin:end ..." of the pieces, isolated and then removed, one line a text and behaviour.
"""
import hashlib
import json
import random
import sys

from tokenizers import Regex, pre_tokenizers

CHARACTERS = list("abkszAKS019 -_.'") + ["\u00e9", "\u6f22", "\u3042", "\u30ab", "\u017f", "\u212a", "\u0661", "\n"]
NAMES = ["Han", "L", "^Lu", "Hiragana", "Latin", "N", "P", "Common", "alpha", "Letter", "^Cyrillic", "M"]
QUANTIFIERS = ["*", "+", "?", "+?", "*?", "??", "++", "?+", "{2}", "{1,2}", "{2,}", "{,2}", "{1,2}+", "{2}+", "{2}?", "{1,3}?",
               "{2,}+"]
NUM_TEXTS = 24


class Regexes:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self):
        return "".join(self.random.choice(CHARACTERS) for _ in range(self.random.randint(1, 14)))

    def character(self):
        c = self.random.choice(CHARACTERS)
        if c in "-." and self.random.random() < 0.5:
            return "\\" + c
        return "\\n" if c == "\n" else c

    def escape(self):
        kind = self.random.choice("wWsSdDhHpP")
        return "\\" + kind + ("{%s}" % self.random.choice(NAMES) if kind in "pP" else "")

    def item(self, depth):
        kind = self.random.random()
        if kind < 0.45:
            return self.character()
        if kind < 0.6:
            return self.random.choice(["a-c", "k-s", "A-Z", "0-9", "\u3040-\u30ff"])
        if kind < 0.85:
            return self.escape()
        return self.set(depth + 1) if depth < 2 else self.random.choice(["[:alpha:]", "[:^digit:]", "[:upper:]"])

    def set(self, depth=0):
        parts = 1 if self.random.random() < 0.65 else self.random.randint(2, 3)
        return "[" + ("^" if self.random.random() < 0.3 else "") + "&&".join(
            "".join(self.item(depth) for _ in range(self.random.randint(1, 3))) for _ in range(parts)) + "]"

    def atom(self, depth):
        kind = self.random.random()
        if kind < 0.3 or (kind >= 0.8 and depth > 2):
            return self.character()
        if kind < 0.5:
            return self.escape()
        if kind < 0.75:
            return self.set()
        if kind < 0.8:
            return "."
        return self.random.choice(["(?:", "(", "(?>", "(?=", "(?!", "(?<n>", "(?i:"]) + self.regex(depth + 1) + ")"

    def regex(self, depth=0):
        def sequence():
            return "".join(self.atom(depth) + ("" if self.random.random() < 0.55 else self.random.choice(QUANTIFIERS))
                           for _ in range(self.random.randint(1, 3)))
        return "|".join(sequence() for _ in range(self.random.choice([1, 1, 1, 2, 3])))


def lines(regex, texts):
    for behavior in ("isolated", "removed"):
        split = pre_tokenizers.Split(Regex(regex), behavior)
        for text in texts:
            starts = [0]
            for char in text:
                starts.append(starts[-1] + len(char.encode()))
            yield " ".join("%d:%d" % (starts[b], starts[e]) for _, (b, e) in split.pre_tokenize_str(text)) + "\n"


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1500
    source = Regexes(seed)
    texts = [source.text() for _ in range(NUM_TEXTS)]
    cases = {}
    while len(cases) < count:
        regex = source.regex()
        try:
            cases[regex] = hashlib.sha256("".join(lines(regex, texts)).encode()).hexdigest()[:16]
        except BaseException as error:  # a panic of the library is one
            if isinstance(error, KeyboardInterrupt):
                raise
    with open(sys.argv[1], "w", encoding="ascii") as out:
        json.dump({"texts": texts, "cases": cases}, out, indent=0)
        out.write("\n")


if __name__ == "__main__":
    main()

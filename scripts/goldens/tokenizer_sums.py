#!/usr/bin/env python3
"""Writes maxsimd/text/testdata/sums.json: hashes of what Hugging Face `tokenizers` gives.

    python3 scripts/goldens/tokenizer_sums.py [--model models/mini] [--shared ../shared] [--out FILE]

Needs: tokenizers==0.23.3. Takes a few minutes. Only hashes are written, never text. Every encoding is
one line, "id id ...|begin:end begin:end ...\n", offsets in bytes of the original text:
  scalars      every Unicode scalar value alone and as a?b; one sum per 4096 code points
  fuzz         100,000 strings from a seeded generator (see Fuzz, the same in fuzzed_texts.h)
  components   every scalar value as a?b through each normalizer and pre-tokenizer, and every one below
               U+3000 and every seventh above through splits by regex; one sum each
  collections  every text of the data sets; one sum per file
"""
import argparse
import hashlib
import json
import os

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

BLOCK = 4096
LAST = 0x10FFFF
MASK64 = (1 << 64) - 1
FUZZ_SEED = 20260101
FUZZ_STRINGS = 100_000
FUZZ_PER_SUM = 1000


def scalars(first, end):
    return [chr(c) for c in range(first, end) if not 0xD800 <= c <= 0xDFFF]


def encoding_line(text, encoding):
    starts = [0]
    if text.isascii():
        starts = range(len(text) + 1)
    else:
        for char in text:
            starts.append(starts[-1] + len(char.encode()))
    ids = " ".join(map(str, encoding.ids))
    return ids + "|" + " ".join("%d:%d" % (starts[b], starts[e]) for b, e in encoding.offsets) + "\n"


class Sum:
    def __init__(self, tokenizer):
        self.tokenizer, self.hash, self.count = tokenizer, hashlib.sha256(), 0

    def add(self, texts):
        for begin in range(0, len(texts), 1000):
            part = texts[begin:begin + 1000]
            for text, encoding in zip(part, self.tokenizer.encode_batch(part)):
                self.hash.update(encoding_line(text, encoding).encode())
        self.count += len(texts)
        return self

    def short(self):
        return self.hash.hexdigest()[:16]


class Fuzz:
    """Strings from splitmix64 over snippets and ranges of code points."""

    def __init__(self, pool):
        self.snippets, self.code_points = pool["snippets"], pool["code_points"]

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK64
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n

    def char(self, first, count):
        c = first + self.below(count)
        return "\ufffd" if 0xD800 <= c <= 0xDFFF else chr(c)

    def piece(self):
        kind = self.below(16)
        if kind < 6:
            return self.snippets[self.below(len(self.snippets))]
        if kind < 8:
            return " "
        if kind == 8:
            return self.char(0x20, 95)
        if kind == 9:
            return self.char(0, 0xA0)
        if kind == 10:
            return self.char(0, 0x3000)
        if kind == 11:
            return self.char(0x300, 0x70)
        if kind == 12:
            return self.char(0, 0x110000)
        if kind == 13:
            return self.char(0x4E00, 0x5200)
        if kind == 14:
            return self.char(0xAC00, 11172)
        return chr(self.code_points[self.below(len(self.code_points))])

    def text(self, seed, index):
        self.state = (seed + index * 0x632BE59BD9B4E019) & MASK64
        return "".join(self.piece() for _ in range(self.below(24)))

    def long_text(self, seed, index):
        text = "".join(self.text(seed, index * 16 + part) for part in range(16))
        return text.replace(" ", "") if index % 2 == 1 else text


def scalar_sums(tokenizer):
    sums = []
    for first in range(0, LAST + 1, BLOCK):
        chars = scalars(first, first + BLOCK)
        sums.append(Sum(tokenizer).add(chars).add(["a" + c + "b" for c in chars]).short())
    return sums


def fuzz_sums(tokenizer, pool):
    fuzz = Fuzz(pool)
    sums = []
    for first in range(0, FUZZ_STRINGS, FUZZ_PER_SUM):
        texts = [fuzz.text(FUZZ_SEED, i) for i in range(first, first + FUZZ_PER_SUM)]
        sums.append(Sum(tokenizer).add(texts).short())
    return sums


def bert(clean, chinese, accents, lowercase):
    return normalizers.BertNormalizer(clean, chinese, accents, lowercase)


NORMALIZERS = [
    ({"type": "NFC"}, normalizers.NFC()),
    ({"type": "NFD"}, normalizers.NFD()),
    ({"type": "NFKC"}, normalizers.NFKC()),
    ({"type": "NFKD"}, normalizers.NFKD()),
    ({"type": "Lowercase"}, normalizers.Lowercase()),
    ({"type": "StripAccents"}, normalizers.StripAccents()),
    ({"type": "Nmt"}, normalizers.Nmt()),
    ({"type": "ByteLevel"}, normalizers.ByteLevel()),
    ({"type": "Strip", "strip_left": True, "strip_right": True}, normalizers.Strip()),
] + [({"type": "BertNormalizer", "clean_text": a, "handle_chinese_chars": b, "strip_accents": c,
       "lowercase": d}, bert(a, b, c, d))
     for a, b, c, d in [(True, False, False, False), (False, True, False, False),
                        (False, False, True, False), (False, False, False, True),
                        (True, True, None, True)]]

POSIX = ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
         "upper", "xdigit", "word"]

PRE_TOKENIZERS = [
    ({"type": "BertPreTokenizer"}, pre_tokenizers.BertPreTokenizer()),
    ({"type": "Whitespace"}, pre_tokenizers.Whitespace()),
    ({"type": "WhitespaceSplit"}, pre_tokenizers.WhitespaceSplit()),
    ({"type": "Punctuation", "behavior": "Isolated"}, pre_tokenizers.Punctuation()),
    ({"type": "Digits", "individual_digits": True}, pre_tokenizers.Digits(True)),
    ({"type": "UnicodeScripts"}, pre_tokenizers.UnicodeScripts()),
    ({"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True},
     pre_tokenizers.ByteLevel(add_prefix_space=False)),
    ({"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"},
     pre_tokenizers.Metaspace()),
] + [({"type": "Split", "pattern": {"Regex": regex}, "behavior": "Removed", "invert": False},
      pre_tokenizers.Split(Regex(regex), "removed"))
     for regex in [r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", r"\p{L}", r"\P{Lu}", r"[\p{M}\p{P}]",
                   r"[^\p{S}\p{Z}\p{N}]", r"\p{C}", r".", r"\b", r"\B", r"$", r"[^\s\w]", r"[\w]", r"[^\W]", r"[\d\S]"] +
    ["[[:%s:]]" % name for name in POSIX] + [r"\p{%s}" % name for name in POSIX] +
    [r"[^[:alpha:][^\p{L}]]", r"[[:^punct:]]", r"(?i:a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z)",
     r"(?i:K1)|(?i:s')|(?>\p{N}+)", r"(?<=a)[^b](?=b)|\s++", r"\p{Han}", r"\p{^Hiragana}", r"\P{Katakana}",
     r"[^\p{Hangul}\p{Latin}]", r"[\p{Cyrillic}\p{Arabic}\p{Greek}]", r"[\p{Common}&&[^\p{P}\s]]", r"[\p{L}&&\P{Latin}&&[^\p{Lo}]]",
     r"(?i:[a-z])", r"(?i:[^ks])", r"[\H&&\h]|\p{Inherited}{1}+"]]


def component_sums():
    """Of the normalized texts, and of the offsets (in characters) of the pieces."""
    texts = ["a" + c + "b" for c in scalars(0, LAST + 1)]
    out = []
    for config, normalizer in NORMALIZERS:
        digest = hashlib.sha256()
        for text in texts:
            digest.update((normalizer.normalize_str(text) + "\n").encode())
        out.append({"component": config, "sum": digest.hexdigest()[:16]})
    some = ["a" + c + "b" for c in scalars(0, LAST + 1) if ord(c) < 0x3000 or ord(c) % 7 == 0]
    for config, pre_tokenizer in PRE_TOKENIZERS:
        digest = hashlib.sha256()
        for text in some if config["type"] == "Split" else texts:
            pieces = pre_tokenizer.pre_tokenize_str(text)
            digest.update((" ".join("%d:%d" % offsets for _, offsets in pieces) + "\n").encode())
        out.append({"component": config, "sum": digest.hexdigest()[:16]})
    return out


def texts_of(path):
    texts = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if "question" in row:
                texts += [row["question"], row["answer"], row["title"]]
            elif "title" in row:
                texts.append((row["title"] + " " + row["text"]).strip())
            else:
                texts.append(row["text"])
    return texts


COLLECTIONS = ["adi/corpus", "adi/queries", "vaswani/corpus", "vaswani/queries", "scifact/corpus",
               "scifact/queries", "nq-mini/corpus", "nq-mini/queries", "squad-v1.1/corpus",
               "squad-v1.1/queries", "qa-train-mix/train"]


def collection_sums(tokenizer, shared):
    out = []
    for name in COLLECTIONS:
        texts = texts_of(os.path.join(shared, "data", name + ".jsonl"))
        total = Sum(tokenizer).add(texts)
        out.append({"file": name + ".jsonl", "texts": total.count, "sum": total.hash.hexdigest()})
        print(out[-1])
    return out


def main():
    root = os.path.join(os.path.dirname(__file__), "..", "..")
    data = os.path.join(root, "maxsimd", "text", "testdata")
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default=os.path.join(root, "models", "mini"))
    parser.add_argument("--shared", default=os.path.join(root, "..", "shared"))
    parser.add_argument("--out", default=os.path.join(data, "sums.json"))
    parser.add_argument("--only", help="one of fuzz, scalars, components, collections")
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(os.path.join(args.model, "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(os.path.join(data, "fuzz_pool.json"), encoding="utf-8") as file:
        pool = json.load(file)
    result = {}
    if args.only:
        with open(args.out, encoding="ascii") as file:
            result = json.load(file)
    if args.only in (None, "fuzz"):
        result["fuzz"] = {"seed": FUZZ_SEED, "strings_per_sum": FUZZ_PER_SUM,
                          "sums": fuzz_sums(tokenizer, pool)}
    if args.only in (None, "scalars"):
        result["scalars"] = {"per_sum": BLOCK, "sums": scalar_sums(tokenizer)}
    if args.only in (None, "components"):
        result["components"] = component_sums()
    if args.only in (None, "collections"):
        result["collections"] = collection_sums(tokenizer, args.shared)
    with open(args.out, "w", encoding="ascii") as out:
        json.dump(result, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()

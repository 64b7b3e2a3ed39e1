#!/usr/bin/env python3
"""Writes maxsimd/text/testdata/variants.json: small tokenizers of every supported component and what
Hugging Face `tokenizers` gives for a few texts.

    python3 scripts/goldens/tokenizer_variants.py [OUT]

Needs: tokenizers==0.23.3. All tokenizers share one vocabulary of single characters; a variant says
how it differs from the base. A result is "id id ...|begin:end ...", offsets in bytes.
"""
import itertools
import json
import os
import sys
import unicodedata

from tokenizers import Tokenizer

NORMALIZER_TEXTS = [
    "", " ", "Caf\u00e9 \u00c5 \u1ea5\u0323", "a\u0302\u0323b e\u0301\u0327", "\ufb01 \u2460 \u33a2 \uff21",
    "\uac00\ub098\u1100\u1161\u11a8", "\t a\u00a0b\r\n\u3000", "\u65e5a\u672c\uf900", "\u0130I\u03a3\u1e9e",
    "a\u200b\u0000\ufffdb\u00ad", "''a'' b--c", "\u0344\u0323\u0344x", "\u0958\u0dd9\u0dcf\u0dca",
    "\u1100\u1161\u302e\u0301", "\U0001d15e\U0001d165\U0001d16dz", "\U0001f44da\U0001f600",
]
SPLIT_TEXTS = [
    "", "a", "-", "--", "a-b", "-a-b-", "a--b c", "12ab3 4", " a  b ", "a, b! c?", "\u65e5-\u672c\u0663",
    "caf\u00e9 \u00bd-\u2167", "a\nb\r\n c", "_a_\u200db\u0301",
]
ADDED_TEXTS = [
    "", "tok", "a tok b", "atokb", "a  tok  b", "toktok", "tok tok", "TOK Tok", "xtok tok-", "\u00e9tok\u00e9",
    "a \u00a0tok\u3000 b", "tokens", "tokx", "tok\n", "\u0301tok\u0301", "_tok_",
]
PATTERNS = [
    {"String": "-"}, {"String": ""}, {"Regex": r"\d+"}, {"Regex": r"\s+|[^\s\p{L}\p{N}]+"},
    {"Regex": r"\s+(?!\S)|\s+"}, {"Regex": r"^.|.$"}, {"Regex": r"\b"}, {"Regex": r"(?<=a)-|(?>b+)?c{1,2}?"},
    {"Regex": r" ?\p{L}+| ?\p{N}+|[\x{3000}-\u9fff]|\n"}, {"Regex": r"x*"}, {"Regex": r"a{,2}|[]^-]|{"},
]
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
SPECIAL = ["[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary():
    chars = set("abcdefghijklmnopqrstuvwxyz0123456789'\"-_,.!?^{]\u2581\u00df\u03c3\u03c2")
    for text in NORMALIZER_TEXTS + SPLIT_TEXTS + ADDED_TEXTS:
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            changed = unicodedata.normalize(form, text)
            chars.update(changed, changed.lower())
    chars -= set(" ")
    tokens = SPECIAL + sorted(chars) + ["##" + c for c in sorted(chars)]
    tokens += ["@@" + c for c in "abtok"] + ["tok", "##tok", "abc", "##ab", "caf", "##f\u00e9"]
    return {token: index for index, token in enumerate(tokens)}


def added(content, **flags):
    token = {"id": 0, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": True, "special": False}
    token.update(flags)
    return token


def sequence(kind, key, *parts):
    return {"type": kind, key: list(parts)}


def bert(clean, chinese, accents, lowercase):
    return {"type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese,
            "strip_accents": accents, "lowercase": lowercase}


def replace(pattern, content):
    return {"type": "Replace", "pattern": pattern, "content": content}


def normalizer_variants():
    plain = [{"type": t} for t in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents")]
    strips = [{"type": "Strip", "strip_left": a, "strip_right": b}
              for a, b in ((True, True), (True, False), (False, True), (False, False))]
    replaces = [replace({"String": "''"}, '"'), replace({"Regex": r"\s+"}, "_"),
                replace({"Regex": r"[^\w\s]"}, ""), replace({"String": "a"}, "\u00e9a\u00e9"),
                replace({"Regex": r"$"}, "x"), replace({"Regex": r"^"}, "x"),
                replace({"Regex": r"(?=b)|c"}, "-")]
    prepends = [{"type": "Prepend", "prepend": p} for p in ("\u2581", "ab", "")]
    sequences = [sequence("Sequence", "normalizers", *parts) for parts in (
        [], [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}],
        [{"type": "Strip", "strip_left": True, "strip_right": True}, prepends[0], plain[2]],
        [replaces[1], sequence("Sequence", "normalizers", plain[1], plain[0]), plain[4]],
        [bert(True, True, True, False), plain[0], replaces[2]])]
    berts = [bert(*flags) for flags in itertools.product(
        (True, False), (True, False), (None, True, False), (True, False))]
    for normalizer in [None] + plain + strips + replaces + prepends + sequences + berts:
        for pre_tokenizer in (None, {"type": "BertPreTokenizer"}):
            yield {"normalizer": normalizer, "pre_tokenizer": pre_tokenizer}, NORMALIZER_TEXTS


def split_variants():
    simple = [{"type": t} for t in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")]
    simple += [{"type": "Punctuation", "behavior": b} for b in BEHAVIORS]
    simple += [{"type": "Digits", "individual_digits": b} for b in (True, False)]
    splits = [{"type": "Split", "pattern": p, "behavior": b, "invert": i}
              for p in PATTERNS for b in BEHAVIORS for i in (False, True)]
    sequences = [sequence("Sequence", "pretokenizers"),
                 sequence("Sequence", "pretokenizers", simple[2], simple[3], simple[8]),
                 sequence("Sequence", "pretokenizers", splits[0],
                          sequence("Sequence", "pretokenizers", simple[1]), splits[25])]
    for pre_tokenizer in simple + splits + sequences:
        yield {"pre_tokenizer": pre_tokenizer}, SPLIT_TEXTS


def added_variants():
    lower = {"type": "Lowercase"}
    for flags in itertools.product((False, True), repeat=4):
        token = added("tok", **dict(zip(("single_word", "lstrip", "rstrip", "normalized"), flags)))
        yield {"added_tokens": [token], "normalizer": lower,
               "pre_tokenizer": {"type": "BertPreTokenizer"}}, ADDED_TEXTS
    lists = [
        [added("tok", normalized=False), added("toktok", normalized=False)],
        [added("TOK"), added("Tokens", normalized=False)],
        [added("tok", rstrip=True, normalized=False), added(" ", normalized=False)],
        [added("tok", rstrip=True), added(" b", lstrip=True)],
        [added("\u00e9tok", special=True, normalized=False), added("k", single_word=True)],
        [added("zzz"), added(""), added("[MASK]", lstrip=True, normalized=False, special=True)],
        [added("a"), added("tok\n", rstrip=True)],
    ]
    for tokens in lists:
        for normalizer in (None, lower, bert(True, True, None, True)):
            yield {"added_tokens": tokens, "normalizer": normalizer,
                   "pre_tokenizer": {"type": "WhitespaceSplit"}}, ADDED_TEXTS + ["zzz [MASK]"]


def special(name, *ids):
    return {name: {"id": name, "ids": list(ids), "tokens": [name] * len(ids)}}


def template(single, tokens):
    pieces = [{"Sequence": {"id": "A", "type_id": 0}} if p == "A"
              else {"SpecialToken": {"id": p, "type_id": 0}} for p in single]
    return {"type": "TemplateProcessing", "single": pieces,
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": tokens}


def frame_variants():
    frames = [
        None, {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
        {"type": "RobertaProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1], "trim_offsets": False,
         "add_prefix_space": False},
        template(["[CLS]", "A", "[SEP]"], {**special("[CLS]", 1), **special("[SEP]", 2)}),
        template(["A", "[SEP]"], special("[SEP]", 2, 3)), template(["A"], {}),
        template(["[CLS]", "A", "[SEP]", "A"], {**special("[CLS]", 1), **special("[SEP]", 2)}),
    ]
    for frame in frames:
        for length in (None, 2, 3, 4, 7):
            for direction in ("Right", "Left"):
                truncation = None if length is None else {
                    "direction": direction, "max_length": length, "strategy": "LongestFirst",
                    "stride": 0}
                yield {"post_processor": frame, "truncation": truncation,
                       "pre_tokenizer": {"type": "BertPreTokenizer"}}, ["", "a", "abc d, e"]
    for prefix, limit, unk in (("##", 3, "[UNK]"), ("@@", 100, "[MASK]"), ("", 100, "[UNK]"),
                               ("##", 0, "[UNK]")):
        yield {"model": {"continuing_subword_prefix": prefix, "max_input_chars_per_word": limit,
                         "unk_token": unk}}, ["abc", "tok", "ab", "caf\u00e9", "\u00e9\u00e9\u00e9",
                                              "\u00e9\u00e9\u00e9\u00e9", "a\U0001f600", "ba\u2603"]


def tokenizer_json(variant, vocab):
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
             "max_input_chars_per_word": 100}
    model.update(variant.get("model", {}))
    return {"version": "1.0", "truncation": variant.get("truncation"), "padding": None,
            "added_tokens": variant.get("added_tokens", []), "normalizer": variant.get("normalizer"),
            "pre_tokenizer": variant.get("pre_tokenizer"),
            "post_processor": variant.get("post_processor"), "decoder": None,
            "model": {**model, "vocab": vocab}}


def result(tokenizer, text, add_special_tokens):
    encoding = tokenizer.encode(text, add_special_tokens=add_special_tokens)
    starts = [0]
    for char in text:
        starts.append(starts[-1] + len(char.encode()))
    return " ".join(map(str, encoding.ids)) + "|" + " ".join(
        "%d:%d" % (starts[b], starts[e]) for b, e in encoding.offsets)


def main():
    here = os.path.dirname(__file__)
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        here, "..", "..", "maxsimd", "text", "testdata", "variants.json")
    vocab = vocabulary()
    groups = []
    for generate in (normalizer_variants, split_variants, added_variants, frame_variants):
        variants = []
        for variant, texts in generate():
            tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json(variant, vocab)))
            entry = {"variant": variant,
                     "results": [result(tokenizer, text, True) for text in texts]}
            if generate is frame_variants:
                entry["bare"] = [result(tokenizer, text, False) for text in texts]
            entry["texts"] = texts
            variants.append(entry)
        groups += variants
    texts = []  # each list of texts once
    for entry in groups:
        if entry["texts"] not in texts:
            texts.append(entry["texts"])
        entry["texts"] = texts.index(entry["texts"])
    with open(out, "w", encoding="ascii") as file:
        file.write('{"vocab": %s,\n"texts": %s,\n"variants": [\n' % (json.dumps(vocab),
                                                                    json.dumps(texts)))
        file.write(",\n".join(json.dumps(entry, separators=(",", ":")) for entry in groups))
        file.write("\n]}\n")
    print(len(groups), "variants")


if __name__ == "__main__":
    main()

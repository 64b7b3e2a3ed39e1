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

from tokenizers import Tokenizer, pre_tokenizers

from tokenizer_trained import DEEPSEEK3, KIMI, LLAMA3, O200K

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


REWRITE_TEXTS = [
    "", " ", "a", "ab", " ab", "ab ab", "a  b", "  a b  ", "\u2581a", "a\u2581b", "a\u2581\u2581 b", "tok ab",
    "atokb", " tok tok b", "caf\u00e9 \u65e5\u672c", "a\tb\nc", "ab's 'LL 12345 a!?", "a \u00a0 b", "zz\u2603 \u2603",
    "\u0301a e\u0301", "\U0001f600a", "\u3042\u30ab\u6f22 ab \u0430b", "  \u3000a\r\n", "a-b",
]
BYTE_WORDS = ["ab", "tok", "\u0120a", "\u0120ab", "\u0120tok", "ll", "\u00c3\u00a9", "caf", "\u0120\u0120"]


def byte_level_model(merges, drop="", **flags):
    """A BPE model of the byte-level alphabet without the characters of `drop`."""
    alphabet = sorted(set(pre_tokenizers.ByteLevel.alphabet()) - set(drop))
    parts = {part for merge in merges for part in (*merge, "".join(merge))}
    tokens = SPECIAL + alphabet + sorted(parts - set(alphabet)) + ["\u0120caf"]
    return {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
            "ignore_merges": False, **flags, "vocab": {t: i for i, t in enumerate(tokens)},
            "merges": [list(merge) for merge in merges]}


MERGES = [("a", "b"), ("\u0120", "ab"), ("t", "o"), ("to", "k"), ("l", "l"), ("\u0120", "\u0120"), ("\u00c3", "\u00a9"),
          ("\u0120", "t"), ("ab", "ab"), ("1", "2"), ("'", "s")]


def byte_level(**flags):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True,
            **flags}


def byte_level_variants():
    split = {"type": "Split", "pattern": {"Regex": LLAMA3}, "behavior": "Isolated", "invert": False}
    qwen = {**split, "pattern": {"Regex": LLAMA3.replace("{1,3}", "")}}
    pre_tokenizers_ = [byte_level(), byte_level(add_prefix_space=True), byte_level(use_regex=False),
                       sequence("Sequence", "pretokenizers", split, byte_level(use_regex=False)),
                       sequence("Sequence", "pretokenizers", qwen, byte_level(use_regex=False)),
                       sequence("Sequence", "pretokenizers", {"type": "Digits", "individual_digits": True},
                                byte_level(add_prefix_space=True))]
    roberta = {"type": "RobertaProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}
    bert = {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}
    frames = [None, byte_level(), byte_level(add_prefix_space=True),
              {**roberta, "trim_offsets": True, "add_prefix_space": False},
              {**roberta, "trim_offsets": True, "add_prefix_space": True},
              sequence("Sequence", "processors", byte_level(), bert),
              sequence("Sequence", "processors", bert, byte_level(add_prefix_space=True)),
              sequence("Sequence", "processors", template(["[CLS]", "A"], special("[CLS]", 1)),
                       byte_level(add_prefix_space=True), byte_level())]
    tokens = [added("tok", lstrip=True, rstrip=True, normalized=False), added("  "),
              added("[MASK]", lstrip=True, special=True, normalized=False)]
    texts = REWRITE_TEXTS + ["a [MASK] b", " \u3000[MASK]\u00a0", "[MASK]"]
    for pre_tokenizer in pre_tokenizers_:
        for frame in frames:
            yield {"model": byte_level_model(MERGES), "pre_tokenizer": pre_tokenizer,
                   "post_processor": frame, "added_tokens": tokens}, texts
    for normalizer in ({"type": "NFC"}, {"type": "NFD"}, {"type": "ByteLevel"}, {"type": "Lowercase"},
                       {"type": "Nmt"}):
        pre_tokenizer = None if normalizer["type"] == "ByteLevel" else byte_level()
        yield {"model": byte_level_model(MERGES), "normalizer": normalizer, "added_tokens": tokens,
               "pre_tokenizer": pre_tokenizer}, texts
    for flags in ({"ignore_merges": True}, {"drop": "b\u00c3"}, {"drop": "b\u00c3", "unk_token": "[UNK]"},
                  {"drop": "b\u00c3\u0120", "unk_token": "[UNK]", "fuse_unk": True}):
        merges = [m for m in MERGES if not set("".join(m)) & set(flags.get("drop", ""))]
        yield {"model": byte_level_model(merges, **flags), "pre_tokenizer": byte_level()}, texts


def bpe_variants():
    """BPE of characters, with every option."""
    def model(tokens, merges, **flags):
        tokens = SPECIAL + tokens
        return {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, **flags,
                "vocab": {t: i for i, t in enumerate(tokens)}, "merges": merges}
    letters = list("abctok\u2581") + ["ab", "tok", "to", "\u2581ab"]
    merges = ["a b", "t o", "to k", "\u2581 ab"]
    all_bytes = ["<0x%02X>" % b for b in range(256)]
    for unk, fuse, tokens in itertools.product(("[UNK]", None), (False, True), (
            [], all_bytes, all_bytes[:0xE0])):
        flags = {"unk_token": unk, "fuse_unk": fuse, "byte_fallback": bool(tokens)}
        for pre_tokenizer in (None, {"type": "Metaspace", "replacement": "\u2581",
                                     "prepend_scheme": "always", "split": True}):
            yield {"model": model(letters + tokens, merges, **flags), "pre_tokenizer": pre_tokenizer,
                   }, REWRITE_TEXTS
    marked = ["a", "b", "##b", "##a", "a</w>", "##b</w>", "b</w>", "ab</w>", "ab", "##ab", "##c"]
    for prefix, suffix, tokens, merges in (
            ("##", None, marked, ["a ##b", "##a ##b"]), (None, "</w>", marked, ["a b</w>", "a b"]),
            ("##", "</w>", marked, ["a ##b</w>", "a ##b"]), ("", "", marked, ["a b"])):
        yield {"model": model(tokens, merges, continuing_subword_prefix=prefix, unk_token="[UNK]",
                              end_of_word_suffix=suffix),
               "pre_tokenizer": {"type": "WhitespaceSplit"}}, REWRITE_TEXTS


def unigram_variants():
    pieces = [["[UNK]", 0], ["[CLS]", 0], ["\u2581", -2.5], ["a", -3], ["b", -3.25], ["ab", -4.5],
              ["\u2581ab", -5], ["\u2581a", -4], ["t", -6], ["o", -6], ["k", -6], ["\u2581tok", -7.5],
              ["ok", -8], ["\u65e5", -9], ["ba", -6.25], ["aba", -9.25], [" ", -5], ["-", -3], ["e", -3]]
    all_bytes = [["<0x%02X>" % b, -11] for b in range(256)]
    metaspaces = [{"type": "Metaspace", "replacement": r, "prepend_scheme": s, "split": p}
                  for r in "\u2581-" for s in ("always", "first", "never") for p in (True, False)]
    metaspaces += [None, {"type": "WhitespaceSplit"},
                   {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True},
                   {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": False,
                    "prepend_scheme": "never", "str_rep": "\u2581"}]
    metaspaces += [sequence("Sequence", "pretokenizers", {"type": "WhitespaceSplit"}, m)
                   for m in metaspaces[:6]]
    for pre_tokenizer in metaspaces:
        for tokens, fallback in ((pieces, False), (pieces + all_bytes, True)):
            yield {"model": {"type": "Unigram", "unk_id": 0, "byte_fallback": fallback,
                             "vocab": tokens},
                   "added_tokens": [added("tok", lstrip=True, normalized=False), added("o", rstrip=True)],
                   "pre_tokenizer": pre_tokenizer}, REWRITE_TEXTS + ["abaab ababab"]


def more_split_variants():
    simple = [{"type": "UnicodeScripts"}, {"type": "FixedLength", "length": 2}, {"type": "FixedLength"},
              {"type": "CharDelimiterSplit", "delimiter": "a"},
              {"type": "CharDelimiterSplit", "delimiter": "\u65e5"},
              {"type": "Split", "pattern": {"Regex": LLAMA3}, "behavior": "Removed", "invert": True},
              {"type": "Split", "pattern": {"Regex": LLAMA3}, "behavior": "Isolated", "invert": False},
              {"type": "Split", "pattern": {"Regex": r"(?i:A|k)+b?"}, "behavior": "Isolated",
               "invert": False},
              {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}, byte_level()]
    for pre_tokenizer in simple:
        yield {"pre_tokenizer": pre_tokenizer}, SPLIT_TEXTS + REWRITE_TEXTS
    yield {"normalizer": {"type": "Nmt"}, "pre_tokenizer": None}, NORMALIZER_TEXTS + REWRITE_TEXTS


REGEXES = [
    r"\p{Han}+", r"\p{^Han}", r"\P{Han}+", r"[\p{Hiragana}\p{Katakana}]+", r"[^\p{Hangul}\p{Latin}]", r"\p{Cyrillic}|\p{Arabic}|\p{Greek}",
    r"[\P{Latin}&&[^\s]]+", r"\p{ hAn-_I }+", r"\p{Letter}+", r"\p{LC}+", r"\p{Any}", r"\P{Assigned}", r"\p{Common}+", r"\p{Inherited}",
    r"[a-z&&[^b]]+", r"[^a-z&&[^b]]", r"[a-z&&[^b]&&[^c]]", r"[a&&]", r"[&&a]", r"[^a&&b]", r"[a-&&a-]", r"[a-z&&-]", r"[a-z&&^b]+",
    r"[[a-c]1&&[b-z]2]", r"[a&&&b]|-", r"[\w&&[^\d_]]+", r"[]&&]", r"[a&b-]+", r"a{2}+b?", r"a{1,2}+b", r"(?:ab){2}+", r"a{2}?b", r"(?:a|b){2}?-",
    r"[ab]{2,}?b", r"\p{N}{1,2}+", r"\d{1,3}(?=(?:\d{3})*\b)", r"\h+", r"[\H&&\w]", r"(?<word>a+)(?'x'b)", r"(?i:[ab]+)", r"(?i:[^K])",
    r"'(?i:[sdmt]|ll|ve|re)", r"(?i:\s*[A-C]\d)", r"(?i:[a-zA-Z&&[^k]]+)", r"(?i:a(?-i:b[c]))",
    r"[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+", O200K, KIMI, *DEEPSEEK3,
    "\\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u0370-\u0373\u1e00-\u1fbc]+", r"\s?[!-/:-~\uff01-\uff0f\u3000-\u3002]+", r"\s+$",
    " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+",
]
REGEX_TEXTS = [
    "", "a", "aab abab aaab", "HelloWORLD it's IT'S we'Ve \u017f'\u017f kK\u212a", "\u6f22\u5b57\u304b\u306a\u30ab\u30ca mixed\u6587 \uc548\ub155 \u0437\u0434\u0440 \u0627\u0644",
    "1234567 12.5 \u0661\u0662 \u2167\u00bd", "  \n\r\n x\t\n /\n//", "\u01c5\u02b0\u0300\u0e01 \u03b1\u0391 \u00df\ufb05\ufb00 ss st", "a-b_c&&d[e]^f a1b2 0xFf",
    "!?.,;\u3001\u3002\uff01 #tag (x) [y]", "\u0378 \ue000 \U0001f600\U0001f1e9 \u200d", "don't DON'T'S's'LL", "b a-- --", "ab'c\u00e9 \u00c9\u00c8",
]


def regex_variants():
    for regex in REGEXES:
        yield {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated",
                                 "invert": False}}, REGEX_TEXTS
    for regex in REGEXES[:6]:
        yield {"normalizer": replace({"Regex": regex}, "x")}, REGEX_TEXTS
    for regexes in ([O200K], DEEPSEEK3, [KIMI]):
        splits = [{"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}
                  for regex in regexes]
        yield {"model": byte_level_model(MERGES), "pre_tokenizer": sequence(
            "Sequence", "pretokenizers", *splits, byte_level(use_regex=False))}, REGEX_TEXTS


def word_level_variants():
    """A word that is not in the vocabulary is unknown; ids have a gap."""
    words = ["ab", "tok", "a", "b", "\u65e5\u672c", "caf\u00e9", " ", "'", "A", "12", "ab ab", "\u0120ab", "\u2581ab", "\u2581tok"]
    vocab = {word: i for i, word in enumerate(SPECIAL + words)}
    vocab["zz"] = 40
    template_ = template(["[CLS]", "A", "[SEP]"], {**special("[CLS]", 1), **special("[SEP]", 2)})
    for model in ({"type": "WordLevel", "unk_token": "[UNK]"}, {"unk_token": "[MASK]"},
                  {"unk_token": "tok", "continuing_subword_prefix": "##", "type": "WordLevel"}):
        for pre_tokenizer in (None, {"type": "Whitespace"}, {"type": "WhitespaceSplit"}, {"type": "BertPreTokenizer"},
                              byte_level(), {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"},
                              {"type": "Split", "pattern": {"Regex": r"\p{Han}+| "}, "behavior": "Isolated", "invert": False}):
            yield {"model": {**model, "vocab": vocab}, "pre_tokenizer": pre_tokenizer, "post_processor": template_,
                   "added_tokens": [added("tok", lstrip=True, normalized=False), added("new"), added("[MASK]", special=True)],
                   }, REWRITE_TEXTS + ["zz new [MASK] a"]
    for frame in (byte_level(), {"type": "RobertaProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1], "trim_offsets": True,
                                 "add_prefix_space": True}):
        yield {"model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": vocab}, "normalizer": {"type": "Lowercase"},
               "pre_tokenizer": byte_level(), "post_processor": frame}, REWRITE_TEXTS


def tokenizer_json(variant, vocab):
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
             "max_input_chars_per_word": 100}
    model.update(variant.get("model", {}))
    if "vocab" in variant.get("model", {}):
        model = dict(variant["model"])
    return {"version": "1.0", "truncation": variant.get("truncation"), "padding": None,
            "added_tokens": variant.get("added_tokens", []), "normalizer": variant.get("normalizer"),
            "pre_tokenizer": variant.get("pre_tokenizer"),
            "post_processor": variant.get("post_processor"), "decoder": None,
            "model": {"vocab": vocab, **model}}


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
    for generate in (normalizer_variants, split_variants, added_variants, frame_variants,
                     byte_level_variants, bpe_variants, unigram_variants, more_split_variants,
                     regex_variants, word_level_variants):
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
    models = []  # each model of its own once
    for entry in groups:
        model = entry["variant"].get("model")
        if model and "vocab" in model:
            if model not in models:
                models.append(model)
            entry["variant"] = {**entry["variant"], "model": models.index(model)}
    texts = []  # each list of texts once
    for entry in groups:
        if entry["texts"] not in texts:
            texts.append(entry["texts"])
        entry["texts"] = texts.index(entry["texts"])
    with open(out, "w", encoding="ascii") as file:
        file.write('{"vocab": %s,\n"texts": %s,\n"models": [\n%s],\n"variants": [\n' % (
            json.dumps(vocab), json.dumps(texts),
            ",\n".join(json.dumps(model, separators=(",", ":")) for model in models)))
        file.write(",\n".join(json.dumps(entry, separators=(",", ":")) for entry in groups))
        file.write("\n]}\n")
    print(len(groups), "variants")


if __name__ == "__main__":
    main()

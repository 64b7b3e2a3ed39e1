#!/usr/bin/env python3
"""Writes maxsimd/text/testdata/trained_*.json: small tokenizers of the kinds of tokenizer_trained.py, trained
on this repository's own documents, and trained_sums.json: hashes of what Hugging Face makes of fuzzed
texts and of some data sets with them.

    python3 scripts/goldens/tokenizer_small.py [--shared ../shared] [--hash-only] [--kind KIND ...]

Needs: tokenizers==0.23.3, sentencepiece (for a charsmap; Python's unicodedata makes its rules).
"""
import argparse
import glob
import io
import json
import os
import tempfile
import unicodedata

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from tokenizers import trainers

from tokenizer_sums import FUZZ_PER_SUM, FUZZ_SEED, Fuzz, Sum, texts_of
from tokenizer_trained import DEEPSEEK3, LLAMA3, O200K

FUZZ_STRINGS = 10_000
LONG_STRINGS = 1000
COLLECTIONS = ["adi/corpus", "scifact/queries", "nq-mini/queries", "vaswani/corpus"]
ALPHABET = pre_tokenizers.ByteLevel.alphabet()
PLAIN = dict(lstrip=False, rstrip=False, single_word=False)


def documents(root):
    for path in sorted(glob.glob(os.path.join(root, "docs", "**", "*.md"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            yield from file.read().split("\n")


def modernbert(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=900, special_tokens=["<|padding|>"], initial_alphabet=ALPHABET,
        show_progress=False))
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True, **PLAIN) for n in range(8, 1, -1)])
    tokenizer.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]"])
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("[unused%d]" % n, normalized=True, **PLAIN) for n in range(3)])
    ids = [(t, tokenizer.token_to_id(t)) for t in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", ids)
    return tokenizer


def roberta(texts):
    """With everything that RoBERTa leaves at its default the other way round."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="",
                                     end_of_word_suffix=""))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=800, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], initial_alphabet=ALPHABET,
        show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("The", normalized=True, rstrip=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, True)
    return tokenizer


def llama3(texts):
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(LLAMA3), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=800, initial_alphabet=ALPHABET, show_progress=False))
    document = json.loads(tokenizer.to_str())
    # A word that no merges make: ignore_merges finds it.
    document["model"]["vocab"]["\u0120tokenizers"] = 800
    tokenizer = Tokenizer.from_str(json.dumps(document))
    tokenizer.add_special_tokens(["<|begin_of_text|>"])
    begin = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(add_prefix_space=True, trim_offsets=True),
        processors.TemplateProcessing("<|begin_of_text|> $A", "$A $B",
                                      [("<|begin_of_text|>", begin)])])
    return tokenizer


def llama2(texts):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % b for b in range(256)]
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=800, special_tokens=special, show_progress=False))
    document = json.loads(tokenizer.to_str())
    document["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "\u2581"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}
    document["pre_tokenizer"] = None
    document["added_tokens"] = [t for t in document["added_tokens"] if t["id"] < 3]
    document["post_processor"] = json.loads(processors.TemplateProcessing(
        "<s> $A", "<s> $A $B", [("<s>", 1)]).__getstate__())
    # A byte without a token: what holds it is unknown as a whole.
    del document["model"]["vocab"]["<0xF0>"]
    return Tokenizer.from_str(json.dumps(document))


def charsmap():
    """Rules like those of nmt_nfkc, but few."""
    rules = {"\t": " ", "\n": " ", "\r": " ", "\u200b": " ", "\ufeff": " ", "\x01": "", "\x7f": ""}
    for c in list(range(0xA0, 0x250)) + list(range(0x2000, 0x2190)) + list(range(0xFB00, 0xFB10)):
        char = chr(c)
        folded = unicodedata.normalize("NFKC", char)
        if folded != char:
            rules[char] = folded
        parts = unicodedata.normalize("NFD", char)
        if len(parts) == 2 and folded == char:
            rules[parts] = char
    for c in range(0xFF01, 0xFF5F):
        rules[chr(c)] = unicodedata.normalize("NFKC", chr(c))
    for c in (0x958, 0x959, 0x1112, 0x2122, 0x3000, 0x3099, 0xAC00, 0x1F100):
        rules[chr(c)] = "<" + "%x" % c
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        for source, target in rules.items():
            file.write("%s\t%s\n" % tuple(" ".join("%X" % ord(c) for c in part)
                                          for part in (source, target)))
        file.flush()
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["a b c"] * 10), model_writer=model, vocab_size=8,
            hard_vocab_limit=False, normalization_rule_tsv=file.name, minloglevel=2)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def xlmr(texts):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(charsmap()), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    tokenizer.train_from_iterator(texts, trainers.UnigramTrainer(
        vocab_size=1000, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>",
        show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        "<s> $A </s>", "<s> $A </s> </s> $B </s>", [("<s>", 0), ("</s>", 2)])
    return tokenizer


def byte_level_splits(texts, regexes):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(regex), "isolated") for regex in regexes] +
        [pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=600, initial_alphabet=ALPHABET, show_progress=False))
    return tokenizer


def o200k(texts):
    tokenizer = byte_level_splits(texts, [O200K])
    tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=True, trim_offsets=False)
    return tokenizer


def deepseek(texts):
    tokenizer = byte_level_splits(texts, DEEPSEEK3)
    tokenizer.add_special_tokens(["<\uff5cbegin\u2581of\u2581sentence\uff5c>"])
    begin = "<\uff5cbegin\u2581of\u2581sentence\uff5c>"
    tokenizer.post_processor = processors.TemplateProcessing(
        begin + " $A", begin + " $A $B", [(begin, tokenizer.token_to_id(begin))])
    return tokenizer


def camembert(texts):
    """As transformers 4 made it from a SentencePiece model."""
    trained = Tokenizer(models.Unigram())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    trained.train_from_iterator(texts, trainers.UnigramTrainer(
        vocab_size=700, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False))
    pieces = [tuple(piece) for piece in json.loads(trained.to_str())["model"]["vocab"]]
    vocab = [("<s>NOTUSED", 0.0), ("<pad>", 0.0), ("</s>NOTUSED", 0.0), ("<unk>", 0.0), ("<unk>NOTUSED", -100)]
    tokenizer = Tokenizer(models.Unigram(vocab + pieces[1:] + [("<mask>", 0.0)], unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(charsmap()), normalizers.Strip(left=False, right=True),
        normalizers.Replace(Regex(" {2,}"), "\u2581")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.add_special_tokens(["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<s>", "</s>"])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        "<s> $A </s>", "<s> $A </s> </s> $B </s>", [("<s>", 5), ("</s>", 6)])
    return tokenizer


def wordlevel(texts):
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Split(Regex(r"\p{Han}|[\p{Hiragana}\p{Katakana}]+"), "isolated")])
    tokenizer.train_from_iterator(texts, trainers.WordLevelTrainer(
        vocab_size=600, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", [("[CLS]", 1), ("[SEP]", 2)])
    return tokenizer


KINDS = (modernbert, roberta, llama3, llama2, xlmr, o200k, deepseek, camembert, wordlevel)


def main():
    root = os.path.join(os.path.dirname(__file__), "..", "..")
    data = os.path.join(root, "maxsimd", "text", "testdata")
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", default=os.path.join(root, "..", "shared"))
    parser.add_argument("--hash-only", action="store_true")
    parser.add_argument("--kind", nargs="*", default=[kind.__name__ for kind in KINDS], help="leaves the others as they are")
    args = parser.parse_args()
    with open(os.path.join(data, "fuzz_pool.json"), encoding="utf-8") as file:
        fuzz = Fuzz(json.load(file))
    with open(os.path.join(data, "trained_sums.json"), encoding="ascii") as file:
        sums = json.load(file)
    for kind in KINDS:
        if kind.__name__ not in args.kind:
            continue
        path = os.path.join(data, "trained_%s.json" % kind.__name__)
        if not args.hash_only:
            document = json.loads(kind(documents(root)).to_str())
            with open(path, "w", encoding="ascii") as out:
                json.dump(document, out, separators=(",", ":"))
                out.write("\n")
        tokenizer = Tokenizer.from_file(path)
        entry = {"fuzz": {"seed": FUZZ_SEED, "strings_per_sum": FUZZ_PER_SUM, "sums": []},
                 "collections": []}
        for first in range(0, FUZZ_STRINGS, FUZZ_PER_SUM):
            texts = [fuzz.text(FUZZ_SEED, i) for i in range(first, first + FUZZ_PER_SUM)]
            entry["fuzz"]["sums"].append(Sum(tokenizer).add(texts).short())
        texts = [fuzz.long_text(FUZZ_SEED + 1, i) for i in range(LONG_STRINGS)]
        entry["long"] = {"seed": FUZZ_SEED + 1, "strings_per_sum": LONG_STRINGS,
                         "sums": [Sum(tokenizer).add(texts).short()]}
        for name in COLLECTIONS:
            total = Sum(tokenizer).add(texts_of(os.path.join(args.shared, "data", name + ".jsonl")))
            entry["collections"].append({"file": name + ".jsonl", "texts": total.count,
                                         "sum": total.hash.hexdigest()})
        sums[kind.__name__] = entry
        print(kind.__name__, tokenizer.get_vocab_size(), os.path.getsize(path), flush=True)
    with open(os.path.join(data, "trained_sums.json"), "w", encoding="ascii") as out:
        json.dump(sums, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()

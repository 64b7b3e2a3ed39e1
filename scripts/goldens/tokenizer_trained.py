#!/usr/bin/env python3
"""Trains tokenizers of the kinds ColBERT models use, on the texts of the data sets, and hashes what
Hugging Face `tokenizers` makes of those texts and of fuzzed ones.

    python3 scripts/goldens/tokenizer_trained.py OUT [--shared ../shared] [--kind KIND ...] [--hash-only]

Needs: tokenizers==0.23.3, and sentencepiece for the charsmap of XLM-R (nmt_nfkc). Writes OUT/KIND/tokenizer.json
and OUT/KIND/sums.json; MAXSIMD_TOKENIZERS=OUT then makes text_sums_tests compare. The vocabularies
are made of the data sets' text, so OUT lies outside the repository.
"""
import argparse
import base64
import gzip
import glob
import io
import json
import os

from tokenizer_sums import COLLECTIONS, FUZZ_PER_SUM, FUZZ_SEED, Fuzz, Sum, texts_of
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers import processors, trainers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
# GPT-4o's o200k; DeepSeek-V3's and -R1's three splits; the first of DeepSeek-LLM's; and one with sets cut by sets, as Kimi K2's.
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK3 = [r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
             r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
             r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]
KIMI = (r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
        r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+")
FUZZ_STRINGS = 100_000
LONG_STRINGS = 10_000


def passages(shared):
    for path in sorted(glob.glob(os.path.join(shared, "data", "scale-passages", "*.gz"))):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield (row["title"] + " " + row["text"]).strip()


def all_texts(shared):
    for name in COLLECTIONS:
        yield from texts_of(os.path.join(shared, "data", name + ".jsonl"))
    yield from passages(shared)


def modernbert(texts):
    """The structure of ModernBERT's: runs of spaces and unusedN among the added tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=50_000 + 256 + 2, special_tokens=["|||IP_ADDRESS|||", "<|padding|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    plain = dict(lstrip=False, rstrip=False, single_word=False)
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True, **plain) for n in range(24, 1, -1)])
    tokenizer.add_tokens([AddedToken(t, normalized=True, **plain) for t in
                          ("|||EMAIL_ADDRESS|||", "|||PHONE_NUMBER|||", "<|endoftext|>")])
    tokenizer.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]"])
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("[unused%d]" % n, normalized=True, **plain) for n in range(83)])
    ids = [(t, tokenizer.token_to_id(t)) for t in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", ids)
    return tokenizer


def roberta(texts):
    tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix=""))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=50_265, special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
    return tokenizer


def llama3(texts):
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(LLAMA3), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])
    trainer = trainers.BpeTrainer(vocab_size=60_000, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_0|>"])
    begin = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=True),
        processors.TemplateProcessing("<|begin_of_text|> $A", "$A $B",
                                      [("<|begin_of_text|>", begin)])])
    return tokenizer


def llama2(texts):
    """Byte fallback: the whole text is one word."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    # Trained on words, as SentencePiece does; used without a pre-tokenizer.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % b for b in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=32_000, special_tokens=special, limit_alphabet=400,
                                  show_progress=False)
    tokenizer.train_from_iterator((t for i, t in enumerate(texts) if i % 4 == 0), trainer)
    document = json.loads(tokenizer.to_str())
    document["pre_tokenizer"] = None
    document["added_tokens"] = [t for t in document["added_tokens"] if t["id"] < 3]
    document["post_processor"] = json.loads(processors.TemplateProcessing(
        "<s> $A", "<s> $A $B", [("<s>", 1)]).__getstate__())
    return Tokenizer.from_str(json.dumps(document))


def nmt_nfkc():
    """The charsmap that XLM-R and T5 have, out of a model that sentencepiece makes for it."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c"] * 10), model_writer=model, vocab_size=8,
        hard_vocab_limit=False, normalization_rule_name="nmt_nfkc", minloglevel=2)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def xlmr(texts):
    tokenizer = Tokenizer(models.Unigram())
    charsmap = nmt_nfkc()
    tokenizer.normalizer = normalizers.Precompiled(charsmap)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    trainer = trainers.UnigramTrainer(
        vocab_size=250_000, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>",
        show_progress=False, n_sub_iterations=1, shrinking_factor=0.9)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        "<s> $A </s>", "<s> $A </s> </s> $B </s>", [("<s>", 0), ("</s>", 2)])
    return tokenizer


KINDS = {"modernbert": modernbert, "roberta": roberta, "llama3": llama3, "llama2": llama2, "xlmr": xlmr}


def sums_of(tokenizer, shared, pool):
    fuzz = Fuzz(pool)
    result = {"fuzz": {"seed": FUZZ_SEED, "strings_per_sum": FUZZ_PER_SUM, "sums": []}}
    for first in range(0, FUZZ_STRINGS, FUZZ_PER_SUM):
        texts = [fuzz.text(FUZZ_SEED, i) for i in range(first, first + FUZZ_PER_SUM)]
        result["fuzz"]["sums"].append(Sum(tokenizer).add(texts).short())
    texts = [fuzz.long_text(FUZZ_SEED + 1, i) for i in range(LONG_STRINGS)]
    result["long"] = {"seed": FUZZ_SEED + 1, "strings_per_sum": LONG_STRINGS,
                      "sums": [Sum(tokenizer).add(texts).short()]}
    result["collections"] = []
    for name in COLLECTIONS:
        total = Sum(tokenizer).add(texts_of(os.path.join(shared, "data", name + ".jsonl")))
        result["collections"].append(
            {"file": name + ".jsonl", "texts": total.count, "sum": total.hash.hexdigest()})
    total = Sum(tokenizer).add(list(passages(shared)))
    result["passages"] = {"texts": total.count, "sum": total.hash.hexdigest()}
    return result


def main():
    root = os.path.join(os.path.dirname(__file__), "..", "..")
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--shared", default=os.path.join(root, "..", "shared"))
    parser.add_argument("--kind", nargs="*", default=list(KINDS))
    parser.add_argument("--hash-only", action="store_true")
    args = parser.parse_args()
    with open(os.path.join(root, "maxsimd", "text", "testdata", "fuzz_pool.json"),
              encoding="utf-8") as file:
        pool = json.load(file)
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "passages.jsonl"), "w", encoding="utf-8") as file:
        for text in passages(args.shared):
            file.write(json.dumps({"text": text}) + "\n")
    for kind in args.kind:
        folder = os.path.join(args.out, kind)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "tokenizer.json")
        if not args.hash_only:
            KINDS[kind](all_texts(args.shared)).save(path)
        tokenizer = Tokenizer.from_file(path)
        print(kind, tokenizer.get_vocab_size(), flush=True)
        with open(os.path.join(folder, "sums.json"), "w", encoding="ascii") as out:
            json.dump(sums_of(tokenizer, args.shared, pool), out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What transformers makes of the files beside a tokenizer: class, settings, added tokens.

    python3 scripts/goldens/tokenizer_config_files.py maxsimd/text/testdata/config_files.json

Each case is a small folder, and the ids of a few texts under AutoTokenizer, or null where the folder must be refused.
Needs transformers 5.3; 4.48 gives the same file but for the cases listed in DIFFERENT (checked when it is run with 4.48,
then nothing is written).
"""
import json
import os
import shutil
import sys
import tempfile

import transformers
from transformers import AutoTokenizer

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] hello Hello cafe caf\u00e9 Caf\u00e9 \u65e5 \u672c \u65e5\u672c h ##ello x".split()
TEXTS = ["Hello Caf\u00e9 \u65e5\u672c hello", "x [Q] h [MASK]hello [q]", "[A] [B]x [BOS]", "hello x h hello x h hello"]
MAX_LENGTH = 8
DIFFERENT = {"a DistilBertTokenizer beside tokenizer.json: the file counts", "the config's additional tokens win over the map's",
             "tokens of a model's own names", "a RobertaTokenizer of another architecture: the file counts",
             "extra special tokens"}


def token(content, **flags):
    return {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True, **flags}


def tokenizer_json(lowercase, **changes):
    special = [dict(token(word), id=i) for i, word in enumerate(WORDS[:5])]
    frame = lambda name: {"SpecialToken": {"id": name, "type_id": 0}}
    ids = {name: {"id": name, "ids": [WORDS.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
            "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                           "lowercase": lowercase},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "TemplateProcessing", "single": [frame("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}, frame("[SEP]")],
                               "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                               "special_tokens": ids},
            "decoder": None,
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                      "vocab": {word: i for i, word in enumerate(WORDS)}}, **changes}


def byte_level_json(prefix_space):
    letters = sorted(bytes_to_unicode())
    vocab = {name: i for i, name in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<mask>"] + letters)}
    return {"version": "1.0", "truncation": None, "padding": None, "normalizer": None, "decoder": None,
            "added_tokens": [dict(token(name, lstrip=name == "<mask>"), id=i) for name, i in list(vocab.items())[:5]],
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": prefix_space, "trim_offsets": True, "use_regex": True},
            "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True,
                               "add_prefix_space": prefix_space},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "",
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocab, "merges": []}}


def bytes_to_unicode():
    plain = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(256 - len(plain))]


LEFT = {"direction": "Left", "max_length": 5, "strategy": "LongestFirst", "stride": 0}
VOCABULARY = {"vocab.txt": "\n".join(WORDS) + "\n"}
BERT = {"config.json": {"model_type": "bert"}}


def vocabulary(config, class_name="BertTokenizer", **files):
    named = {"tokenizer_class": class_name} if class_name else {}
    return {**VOCABULARY, **BERT, "tokenizer_config.json": {**named, **config},
            **{name.replace("__", "."): content for name, content in files.items()}}


def beside(config, class_name="BertTokenizer", lowercase=True, model_type="bert", changes=None, **files):
    return {**vocabulary(config, class_name, **files), "config.json": {"model_type": model_type},
            "tokenizer.json": tokenizer_json(lowercase, **(changes or {}))}


# name -> files; those of REFUSED must be an error here, whatever transformers makes of them.
CASES = {
    "vocab.txt and config.json alone": {**VOCABULARY, **BERT},
    "the class that config.json names": {**VOCABULARY, "config.json": {"model_type": "roberta", "tokenizer_class": "BertTokenizer"}},
    **{f"{name} is a plain WordPiece tokenizer": vocabulary({}, name) for name in
       ("BertTokenizerFast", "DistilBertTokenizer", "ElectraTokenizer", "ConvBertTokenizer", "MobileBertTokenizer",
        "SqueezeBertTokenizer", "LxmertTokenizer", "LayoutLMTokenizer")},
    **{f"vocab.txt with {json.dumps(config)}": vocabulary(config) for config in (
        {"do_lower_case": False}, {"strip_accents": False}, {"do_lower_case": False, "strip_accents": True},
        {"tokenize_chinese_chars": False}, {"strip_accents": None}, {"unk_token": "x"}, {"cls_token": "hello", "sep_token": "h"},
        {"truncation_side": "left"}, {"do_basic_tokenize": True, "never_split": None}, {"mask_token": "[Q]"},
        {"additional_special_tokens": ["[Q]", "hello"]}, {"bos_token": "[BOS]", "eos_token": "[B]"})},
    "vocab.txt with a token of special_tokens_map.json": vocabulary({}, special_tokens_map__json={"additional_special_tokens": ["[Q]"]}),
    "vocab.txt with added_tokens.json": vocabulary({"additional_special_tokens": ["[A]"]}, added_tokens__json={"[B]": 17, "[Q]": 16}),
    "added_tokens.json beside a config of the newer kind": vocabulary({"added_tokens_decoder": {"0": token("[PAD]")}},
                                                                      added_tokens__json={"[Q]": 16}),
    "BertTokenizer lower-cases unless it is told": beside({}, lowercase=False),
    "BertTokenizer that is told not to lower-case": beside({"do_lower_case": False}),
    "BertTokenizer that is told, as its file": beside({"do_lower_case": False}, lowercase=False),
    "BertTokenizer that is told to keep accents": beside({"strip_accents": False}),
    "BertTokenizer that is told to keep Chinese words": beside({"tokenize_chinese_chars": False}),
    "the model's class, where none is named": beside({"do_lower_case": False}, class_name=None),
    "DistilBERT's class is BertTokenizer too": beside({"do_lower_case": False}, class_name=None, model_type="distilbert"),
    "a PreTrainedTokenizerFast is as its file": beside({"do_lower_case": False}, class_name="PreTrainedTokenizerFast"),
    "a DistilBertTokenizer beside tokenizer.json: the file counts": beside({"do_lower_case": False}, class_name="DistilBertTokenizer"),
    "truncation on the left": beside({"truncation_side": "left"}),
    "truncation on the left in the file": beside({}, changes={"truncation": LEFT}),
    "truncation on the right wins over the file": beside({"truncation_side": "right"}, changes={"truncation": LEFT}),
    "truncation on the left for every class": beside({"truncation_side": "left"}, class_name="PreTrainedTokenizerFast"),
    "tokenizer.json and added_tokens.json": beside({}, added_tokens__json={"[Q]": 16}),
    "tokenizer.json and the map's additional tokens": beside({}, special_tokens_map__json={"additional_special_tokens": ["[Q]"]}),
    "tokenizer.json and the config's additional tokens": beside({"additional_special_tokens": ["[Q]", token("[A]", lstrip=True, __type="AddedToken")]}),
    "the config's additional tokens win over the map's": beside({"additional_special_tokens": ["[A]"]},
                                                                special_tokens_map__json={"additional_special_tokens": ["[B]"]}),
    "extra special tokens": beside({"extra_special_tokens": ["[Q]"]}),
    "extra special tokens by name": beside({"extra_special_tokens": {"q_token": "[Q]", "a_token": "[A]"}}),
    "tokens of a model's own names": beside({"q_token": "[Q]", "image_token": token("[B]", lstrip=True, __type="AddedToken"), "add_bos_token": False}),
    "a RobertaTokenizer of another architecture: the file counts": {"config.json": {"model_type": "bert"}, "tokenizer.json": byte_level_json(True),
        "tokenizer_config.json": {"tokenizer_class": "RobertaTokenizer"}},
    "a RobertaTokenizer of a ModernBERT": {"config.json": {"model_type": "modernbert"}, "tokenizer.json": byte_level_json(True),
        "tokenizer_config.json": {"tokenizer_class": "RobertaTokenizer"}},
    "the map beside a config of the newer kind": beside({"added_tokens_decoder": {}}, special_tokens_map__json={
        "additional_special_tokens": ["[Q]"], "mask_token": "[A]"}),
    "tokenizer.json and added_tokens_decoder": beside({"added_tokens_decoder": {"40": token("[Q]"), "41": token("[B]", lstrip=True)}}),
    "added_tokens_decoder for every class": beside({"added_tokens_decoder": {"16": token("[Q]")}}, class_name="PreTrainedTokenizerFast"),
    "added_tokens_decoder with other flags": beside({"added_tokens_decoder": {"4": token("[MASK]", lstrip=True, rstrip=True),
                                                                              "5": token("hello", normalized=True, special=False)}}),
    "a special token that tokenizer.json lacks": beside({"mask_token": "[Q]", "bos_token": "[BOS]"}),
    "RobertaTokenizer that names a prefix space": {"config.json": {"model_type": "roberta"}, "tokenizer.json": byte_level_json(False),
        "tokenizer_config.json": {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True}},
    "RobertaTokenizer that names none": {"config.json": {"model_type": "roberta"}, "tokenizer.json": byte_level_json(True),
        "tokenizer_config.json": {"tokenizer_class": "RobertaTokenizerFast"}},
}
REFUSED = {
    **{f"{name} without tokenizer.json": vocabulary({}, name) for name in
       ("BertJapaneseTokenizer", "XLMRobertaTokenizer", "BertweetTokenizer", "PhobertTokenizer", "MPNetTokenizer", "RobertaTokenizer",
        "PreTrainedTokenizerFast", "TokenizersBackend", "RoFormerTokenizer", "NoSuchTokenizer")},
    "a class that config.json names": {**VOCABULARY, "config.json": {"model_type": "bert", "tokenizer_class": "BertJapaneseTokenizer"}},
    **{f"no class, model_type {name}": {**VOCABULARY, "config.json": {"model_type": name}} for name in
       ("roberta", "xlm-roberta", "camembert", "modernbert")},
    **{f"vocab.txt with {json.dumps(config)}": vocabulary(config) for config in (
        {"do_basic_tokenize": False}, {"never_split": ["Hello"]}, {"clean_text": False}, {"wordpieces_prefix": "@@"},
        {"word_tokenizer_type": "mecab"}, {"do_lower_case": None}, {"do_lower_case": 0}, {"do_lower_case": "false"},
        {"strip_accents": "no"}, {"tokenize_chinese_chars": None}, {"unk_token": "[XX]"}, {"truncation_side": "up"},
        {"split_special_tokens": True}, {"added_tokens_decoder": []}, {"added_tokens_decoder": {"x": token("[Q]")}})},
}


def texts_of(files):
    return {name: content if isinstance(content, str) else json.dumps(content) for name, content in files.items()}


def write(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name, content in texts_of(files).items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(content)


def ids_of(folder):
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except Exception as error:
        if transformers.__version__.startswith("5."):
            raise
        return repr(error)
    return [[tokenizer(text)["input_ids"], tokenizer(text, truncation=True, max_length=MAX_LENGTH)["input_ids"]] for text in TEXTS]


def main():
    cases = []
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "model")
        for name, files in CASES.items():
            write(folder, files)
            cases.append({"name": name, "files": texts_of(files), "ids": ids_of(folder)})
    cases += [{"name": name, "files": texts_of(files), "ids": None} for name, files in REFUSED.items()]
    if transformers.__version__.startswith("5."):
        with open(sys.argv[1], "w", encoding="utf-8") as out:
            lines = ",\n".join(json.dumps(case) for case in cases)
            out.write(f'{{"texts": {json.dumps(TEXTS)}, "max_length": {MAX_LENGTH}, "cases": [\n{lines}\n]}}\n')
        return
    golden = {case["name"]: case["ids"] for case in json.load(open(sys.argv[1], encoding="utf-8"))["cases"]}
    for case in cases:
        if golden[case["name"]] != case["ids"]:
            print("differs" + (", as expected:" if case["name"] in DIFFERENT else " UNEXPECTEDLY:"), case["name"])


main()

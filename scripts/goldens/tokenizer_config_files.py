#!/usr/bin/env python3
"""What transformers makes of the files beside a tokenizer: class, settings, added tokens.

    python3 scripts/goldens/tokenizer_config_files.py maxsimd/text/testdata/config_files.json

Each case is a small folder, and the ids of a few texts under AutoTokenizer, or null where the folder must be refused. Of those of FOLLOWED
transformers 5 makes parts of tokenizer.json anew: there the ids are the file's own, which are transformers 4's, and "notes" names the parts.
Needs transformers 5.3; 4.48 gives the same file but for the cases listed in DIFFERENT (checked when it is run with 4.48,
then nothing is written).
"""
import json
import os
import shutil
import sys
import tempfile

import transformers
from tokenizers import Tokenizer
from transformers import AutoTokenizer

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] hello Hello cafe caf\u00e9 Caf\u00e9 \u65e5 \u672c \u65e5\u672c h ##ello x".split()
TEXTS = ["Hello Caf\u00e9 \u65e5\u672c hello", "x [Q] h [MASK]hello [q]", "[A] [B]x [BOS]", "hello x h hello x h hello", "xello \x01hel\x01lo  x"]
MAX_LENGTH = 8
DIFFERENT = {"a DistilBertTokenizer beside tokenizer.json: the file counts", "the config's additional tokens win over the map's",
             "tokens of a model's own names", "a RobertaTokenizer of another architecture: the file counts",
             "extra special tokens",
             # transformers 4 keeps the tokens of tokenizer.json, its flags and its prefix, and knows other names.
             "XLMRobertaTokenizer without a prefix space", "XLMRobertaTokenizer with one, whatever its file says",
             "CamembertTokenizer without a prefix space", "an empty added_tokens_decoder drops a BertTokenizer's tokens and flags",
             "an added_tokens_decoder without a BertTokenizer's token", "both lists of special tokens in the config",
             "both lists of special tokens, the newer one null", "both lists, in config and map", "names of the map beside the config's",
             "DistilBertTokenizerFast of a BERT is as its file",
             # An error there, and a frame of its own.
             "a BertTokenizer without a normalizer", "a class with code that is not followed"}


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


def unigram_json(scheme="always", **changes):
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", "\u2581Hello", "\u2581hello", "\u2581x", "hello", "x", "h", "C", "a", "f", "[", "]", "Q", "<mask>"]
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    frame = lambda name: {"SpecialToken": {"id": name, "type_id": 0}}
    sequence = lambda name: {"Sequence": {"id": name, "type_id": 0}}
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": True}
    return {"version": "1.0", "truncation": None, "padding": None, "decoder": None, "normalizer": None,
            "added_tokens": [dict(token(name, lstrip=name == "<mask>"), id=pieces.index(name)) for name in names],
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
            "post_processor": {"type": "TemplateProcessing", "single": [frame("<s>"), sequence("A"), frame("</s>")],
                               "pair": [frame("<s>"), sequence("A"), frame("</s>"), frame("</s>"), sequence("B"), frame("</s>")],
                               "special_tokens": {name: {"id": name, "ids": [pieces.index(name)], "tokens": [name]} for name in ("<s>", "</s>")}},
            "model": {"type": "Unigram", "unk_id": 3, "byte_fallback": False,
                      "vocab": [[piece, -1.0 - 0.1 * i if i > 3 else 0.0] for i, piece in enumerate(pieces)]}, **changes}


CAMEMBERT = {"normalizer": {"type": "Sequence", "normalizers": [
    {"type": "Replace", "pattern": {"Regex": "\\s{2,}|[\\n\\r\\t]"}, "content": " "}, {"type": "Strip", "strip_left": False, "strip_right": True}]}}


def folder_of(class_name, model_type, document, config=None, **files):
    return {"config.json": {"model_type": model_type}, "tokenizer.json": document,
            "tokenizer_config.json": {**({"tokenizer_class": class_name} if class_name else {}), **(config or {})},
            **{name.replace("__", "."): content for name, content in files.items()}}


def camembert_json(scheme="always"):
    return unigram_json(**CAMEMBERT, pre_tokenizer={"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": True})


def more_tokens(*tokens):
    document = tokenizer_json(True)
    document["added_tokens"] += [dict(entry, id=len(WORDS) + i) for i, entry in enumerate(tokens)]
    return {"added_tokens": document["added_tokens"]}


def template(*names):
    return {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": n, "type_id": 0}} if n else {"Sequence": {"id": "A", "type_id": 0}} for n in names],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {n: {"id": n, "ids": [WORDS.index(n)], "tokens": [n]} for n in names if n}}


FLAGS = {"lstrip": True, "rstrip": True, "normalized": True, "single_word": True}
BERT_NORMALIZER = tokenizer_json(True)["normalizer"]
BYTES = byte_level_json(False)
CASES.update({
    "XLMRobertaTokenizer": folder_of("XLMRobertaTokenizer", "xlm-roberta", unigram_json()),
    "XLMRobertaTokenizer without a prefix space": folder_of("XLMRobertaTokenizerFast", "xlm-roberta", unigram_json(), {"add_prefix_space": False}),
    "XLMRobertaTokenizer with one, whatever its file says": folder_of(None, "xlm-roberta", unigram_json("never")),
    "CamembertTokenizer's own tokens": folder_of("CamembertTokenizer", "camembert", camembert_json()),
    "CamembertTokenizer without a prefix space": folder_of("CamembertTokenizer", "camembert", camembert_json(), {"add_prefix_space": False}),
    "a PreTrainedTokenizerFast of an XLM-R is as its file": folder_of("PreTrainedTokenizerFast", "xlm-roberta", unigram_json("never"), {"add_prefix_space": True}),
    "a special token's flags in the config": beside({"mask_token": dict(token("[Q]", **FLAGS), __type="AddedToken"),
                                                    "pad_token": dict(token("[PAD]", **FLAGS), __type="AddedToken")}),
    "a special token's flags in the map": beside({}, special_tokens_map__json={"mask_token": dict(token("[Q]", lstrip=True, rstrip=True))}),
    "a special token's flags in the map and in tokenizer.json": beside({}, special_tokens_map__json={"mask_token": dict(token("[MASK]", lstrip=True))}),
    "a special token of the map without its flags": beside({}, special_tokens_map__json={"mask_token": {"content": "[Q]", "rstrip": True}}),
    "an empty added_tokens_decoder drops a BertTokenizer's tokens and flags": beside({"added_tokens_decoder": {}}, changes=more_tokens(
        token("[Q]", lstrip=True), token("[A]", normalized=True, special=False))),
    "an added_tokens_decoder without a BertTokenizer's token": beside({"added_tokens_decoder": {"17": token("[A]")}}, changes=more_tokens(
        token("[Q]"), token("[A]"))),
    "an empty added_tokens_decoder of another class drops nothing": beside({"added_tokens_decoder": {}}, class_name="PreTrainedTokenizerFast",
        changes=more_tokens(token("[Q]", lstrip=True), token("[A]", normalized=True, special=False))),
    "both lists of special tokens in the config": beside({"additional_special_tokens": ["[A]"], "extra_special_tokens": ["[Q]"]}),
    "both lists of special tokens, the newer one null": beside({"additional_special_tokens": ["[A]"], "extra_special_tokens": None}),
    "both lists, in config and map": beside({"additional_special_tokens": ["[A]"]}, special_tokens_map__json={
        "additional_special_tokens": ["[BOS]"], "extra_special_tokens": ["[Q]"]}),
    "names of the map beside the config's": beside({"q_token": "[Q]"}, special_tokens_map__json={"a_token": "[A]", "extra_special_tokens": {"q_token": "[BOS]"}}),
    "ids of added_tokens.json that the vocabulary has": beside({}, added_tokens__json={"[Q]": 5, "[A]": 6, "[BOS]": 16}),
    "ids of added_tokens.json that tokenizer.json has": beside({}, added_tokens__json={"[Q]": 3, "[A]": 16}),
    "an id of added_tokens.json with another content in tokenizer.json": beside({}, changes=more_tokens(token("[A]")), added_tokens__json={"[Q]": 16, "[BOS]": 17}),
    "ids of added_tokens.json that are taken twice": beside({}, added_tokens__json={"[Q]": 16, "[A]": 16, "[BOS]": 17}),
    "a listed token that is lower-cased": beside({"added_tokens_decoder": {"16": token("[q]", normalized=True)}}),
    "a listed token that is lower-cased, in tokenizer.json, too": beside({"added_tokens_decoder": {"16": token("[q]", normalized=True, lstrip=True)}},
        class_name="PreTrainedTokenizerFast", changes=more_tokens(token("[q]", normalized=True))),
    "two tokens that are one when lower-cased": beside({"added_tokens_decoder": {
        "16": token("[Q]", normalized=True, special=False, lstrip=True), "17": token("[q]", normalized=True)}}),
    "GPT2Tokenizer of a BERT is as its file": beside({}, class_name="GPT2Tokenizer", lowercase=False),
    "DistilBertTokenizerFast of a BERT is as its file": beside({}, class_name="DistilBertTokenizerFast", lowercase=False),
    "DistilBertTokenizerFast of a ModernBERT": beside({}, class_name="DistilBertTokenizerFast", lowercase=False, model_type="modernbert"),
    "BertTokenizer of a ModernBERT": beside({"do_lower_case": False}, model_type="modernbert"),
    "GPT2Tokenizer of a ModernBERT": folder_of("GPT2Tokenizer", "modernbert", byte_level_json(True)),
    "GPT2Tokenizer of a ModernBERT keeps the frame": folder_of("GPT2Tokenizer", "modernbert", {**BYTES, "post_processor": None}, {"added_tokens_decoder": {}}),
    "code in the folder: the class named counts": beside({"auto_map": {"AutoTokenizer": [None, "code.Tokenizer"]}}, class_name="DistilBertTokenizer", lowercase=False),
    "the class that config.json names, whatever the architecture": {**beside({}, class_name=None, lowercase=False),
        "config.json": {"model_type": "bert", "tokenizer_class": "DistilBertTokenizer"}},
    "a BertTokenizer framed by BertProcessing": beside({}, changes={"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}}),
    "a BertTokenizer with a normalizer in a list of one": beside({}, changes={"normalizer": {"type": "Sequence", "normalizers": [BERT_NORMALIZER]}}),
    "a RobertaTokenizer with an unknown token that is never needed": folder_of("RobertaTokenizer", "roberta", {**BYTES, "model": {**BYTES["model"], "unk_token": "<unk>"}}),
})
# name -> (files, the parts that a note names; "" = all that a class may make)
FOLLOWED = {
    "a BertTokenizer without a normalizer": (beside({}, changes={"normalizer": None}), ["normalizer"]),
    "a BertTokenizer that keeps control characters": (beside({}, changes={"normalizer": {**BERT_NORMALIZER, "clean_text": False}}), ["normalizer"]),
    "a BertTokenizer split at white space": (beside({}, changes={"pre_tokenizer": {"type": "WhitespaceSplit"}}), ["pre_tokenizer"]),
    "a BertTokenizer without a frame": (beside({}, changes={"post_processor": None}), ["post_processor"]),
    "a BertTokenizer with another frame": (beside({}, changes={"post_processor": template("[CLS]", "[CLS]", None, "[SEP]")}), ["post_processor"]),
    "a BertTokenizer framed by other tokens in the config": (beside({"cls_token": "hello"}), ["post_processor"]),
    "a BertTokenizer with another unknown token": (beside({}, changes={"model": {**tokenizer_json(True)["model"], "unk_token": "x"}}), ["model"]),
    "a BertTokenizer with other subwords": (beside({}, changes={"model": {**tokenizer_json(True)["model"], "continuing_subword_prefix": "#"}}), ["model"]),
    "a DistilBertTokenizer of a ModernBERT with another frame": (beside({}, class_name="DistilBertTokenizer", model_type="modernbert",
        changes={"post_processor": None}), ["post_processor"]),
    "a RobertaTokenizer with a normalizer": (folder_of("RobertaTokenizer", "roberta", {**BYTES, "normalizer": {"type": "Lowercase"}}), ["normalizer"]),
    "a RobertaTokenizer that does not split": (folder_of("RobertaTokenizer", "roberta", {**BYTES, "pre_tokenizer": {
        **BYTES["pre_tokenizer"], "use_regex": False}, "post_processor": None}), ["pre_tokenizer", "post_processor"]),
    "a RobertaTokenizer that ignores merges": (folder_of("RobertaTokenizer", "roberta", {**BYTES, "model": {**BYTES["model"], "ignore_merges": True,
        "vocab": {**BYTES["model"]["vocab"], "\u0120x": len(BYTES["model"]["vocab"])}}}), ["model"]),
    "a GPT2Tokenizer of a ModernBERT with a normalizer": (folder_of("GPT2Tokenizer", "modernbert", {**BYTES, "normalizer": {"type": "Lowercase"}}), ["normalizer"]),
    "an XLMRobertaTokenizer with another normalizer": (folder_of("XLMRobertaTokenizer", "xlm-roberta", unigram_json(normalizer={"type": "Lowercase"})), ["normalizer"]),
    "an XLMRobertaTokenizer with other words": (folder_of("XLMRobertaTokenizer", "xlm-roberta", unigram_json(
        pre_tokenizer={"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True})), ["pre_tokenizer"]),
    "an XLMRobertaTokenizer with another unknown token": (folder_of("XLMRobertaTokenizer", "xlm-roberta", unigram_json(
        model={**unigram_json()["model"], "unk_id": 4})), ["model"]),
    "a CamembertTokenizer with another normalizer": (folder_of("CamembertTokenizer", "camembert", {**camembert_json(), "normalizer": None}), ["normalizer"]),
    "a class with code that is not followed": (folder_of("GPTNeoXTokenizerFast", "modernbert", {**BYTES, "normalizer": {"type": "Lowercase"}}), ["GPTNeoXTokenizer"]),
}
REFUSED = {
    "a token that is lower-cased here and not there": beside({"added_tokens_decoder": {"16": token("[q]", normalized=True)}},
        class_name="PreTrainedTokenizerFast", changes=more_tokens(token("[q]"))),
    "a token listed twice, lower-cased or not": beside({"added_tokens_decoder": {"16": token("[q]", normalized=True), "17": token("[q]")}}),
    "a BertTokenizer that names no unknown token": beside({"unk_token": None}),
    "an XLMRobertaTokenizer that names no end": folder_of("XLMRobertaTokenizer", "xlm-roberta", unigram_json(), {"eos_token": None}),
    "a prefix space that is neither true nor false": folder_of("XLMRobertaTokenizer", "xlm-roberta", unigram_json(), {"add_prefix_space": "yes"}),
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


def ids_of_file(folder):
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    whole = [tokenizer.encode(text).ids for text in TEXTS]
    tokenizer.enable_truncation(MAX_LENGTH)
    return [[ids, tokenizer.encode(text).ids] for ids, text in zip(whole, TEXTS)]


def main():
    cases = []
    is_newer = transformers.__version__.startswith("5.")
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "model")
        for name, files in CASES.items():
            write(folder, files)
            cases.append({"name": name, "files": texts_of(files), "ids": ids_of(folder)})
        for name, (files, notes) in FOLLOWED.items():
            write(folder, files)
            ids = ids_of_file(folder) if is_newer else ids_of(folder)
            cases.append({"name": name, "files": texts_of(files), "ids": ids, "notes": notes})
            if is_newer and ids == ids_of(folder):
                print("transformers 5 has the same ids here:", name)
    cases += [{"name": name, "files": texts_of(files), "ids": None} for name, files in REFUSED.items()]
    if is_newer:
        with open(sys.argv[1], "w", encoding="utf-8") as out:
            lines = ",\n".join(json.dumps(case) for case in cases)
            out.write(f'{{"texts": {json.dumps(TEXTS)}, "max_length": {MAX_LENGTH}, "cases": [\n{lines}\n]}}\n')
        return
    golden = {case["name"]: case["ids"] for case in json.load(open(sys.argv[1], encoding="utf-8"))["cases"]}
    for case in cases:
        if golden[case["name"]] != case["ids"]:
            print("differs" + (", as expected:" if case["name"] in DIFFERENT else " UNEXPECTEDLY:"), case["name"])


main()

#!/usr/bin/env python3
"""Makes maxsimd/colbert/testdata/{roberta,xlm_roberta,camembert,distilbert}: small ColBERTs, saved by PyLate, and PyLate's
embeddings.

    python3 scripts/goldens/colbert_bert_family.py maxsimd/colbert/testdata

Needs: pylate 1.6.0, sentence-transformers 5.3.0, transformers 5.3.0, tokenizers, torch (CPU). One thread gives the same
numbers each time.

The tokenizers are trained on the texts of this file and of colbert_modernbert.py: a byte-level BPE as RoBERTa's, a Unigram
as XLM-R's, whose charsmap is that of maxsimd/text/testdata/trained_xlmr.json (nmt_nfkc's rules, few of them), a Unigram
in the hands of transformers' own CamembertTokenizer (ids 0, 2 and 4 are tokens that are not used, <s> and </s> are 5 and 6, the
unknown token is not the first), and for DistilBERT the WordPiece of colbert_modernbert.py. Padding tokens stand in the middle of one text: RoBERTa does not count
them.
"""
import base64
import json
import pathlib
import sys

from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE, Unigram
from transformers import (CamembertConfig, CamembertModel, CamembertTokenizer, DistilBertConfig, DistilBertModel, RobertaConfig, RobertaModel, XLMRobertaConfig,
                          XLMRobertaModel)
from transformers.convert_slow_tokenizer import CamembertConverter

from colbert_modernbert import TEXTS, make_golden, write_tokenizer, write_word_piece
from encoder_modernbert import make_model

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIRST = ["<s>", "<pad>", "</s>", "<unk>"]
MORE = [
    "Was fressen Eulen? Eulen jagen nachts M\u00e4use am Rand der Felder.",
    "\u00bfPor qu\u00e9 es azul el cielo? El aire dispersa la luz azul m\u00e1s que la roja.",
    "D'o\u00f9 vient le sel de la mer ? Les rivi\u00e8res l'apportent depuis des millions d'ann\u00e9es.",
    "\ufb01ne \uff26\uff35\uff2c\uff2c width,  two spaces\tand a tab; 1.5 \u2122 \u00bd",
    "bread <pad> and <mask> salt <pad><pad> honey </s> bees",
]
FRENCH = [
    "Que mangent les hiboux la nuit ?", "Les hiboux chassent  des souris\n\net des campagnols\tau bord des champs.  ",
    "<s>NOTUSED est un jeton <unk>NOTUSED inutilis\u00e9</s>NOTUSED, <mask>  <unk> aussi", "\u00e9\u00e8\u0153 \u2026 \u00ab sel \u00bb \u4e2d",
    "l'abeille fait du miel", "Le ciel est bleu parce que l'air disperse la lumi\u00e8re bleue plus que la rouge.",
]
SIZES = dict(hidden_size=36, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4)


def special_tokens():
    return dict(bos_token="<s>", eos_token="</s>", sep_token="</s>", cls_token="<s>", unk_token="<unk>", pad_token="<pad>",
                mask_token=AddedToken("<mask>", lstrip=True, normalized=False))


def write_roberta(folder):
    tokenizer = Tokenizer(BPE(continuing_subword_prefix="", end_of_word_suffix=""))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(TEXTS + MORE[:-1], trainers.BpeTrainer(
        vocab_size=400, special_tokens=FIRST, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
    write_tokenizer(tokenizer, folder, **special_tokens())
    config = RobertaConfig(vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=82, type_vocab_size=1,
                           layer_norm_eps=1e-5, **SIZES)
    make_model(config, 41, RobertaModel).save_pretrained(folder)


def write_xlm_roberta(folder):
    trained = json.loads((ROOT / "maxsimd/text/testdata/trained_xlmr.json").read_text())
    charsmap = base64.b64decode(trained["normalizer"]["normalizers"][0]["precompiled_charsmap"])
    tokenizer = Tokenizer(Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(charsmap),
                                                 normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    tokenizer.train_from_iterator(TEXTS + MORE[:-1], trainers.UnigramTrainer(
        vocab_size=300, special_tokens=FIRST, unk_token="<unk>", show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>",
                                                             [("<s>", 0), ("</s>", 2)])
    write_tokenizer(tokenizer, folder, **special_tokens())
    config = XLMRobertaConfig(vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=82, type_vocab_size=1,
                              layer_norm_eps=1e-5, **SIZES)
    make_model(config, 42, XLMRobertaModel).save_pretrained(folder)


def write_camembert(folder):
    trained = Tokenizer(Unigram())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    trained.train_from_iterator(TEXTS + MORE[:-1] + FRENCH, trainers.UnigramTrainer(
        vocab_size=300, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False))
    pieces = [tuple(piece) for piece in json.loads(trained.to_str())["model"]["vocab"]]
    # As CamembertConverter makes it from a sentencepiece model.
    vocab = CamembertConverter.convert_from_spm(vocab=pieces)["vocab"]
    tokenizer = CamembertTokenizer(vocab=vocab)
    tokenizer.save_pretrained(folder)
    config = CamembertConfig(vocab_size=len(tokenizer), max_position_embeddings=82, type_vocab_size=1,
                             layer_norm_eps=1e-5, bos_token_id=5, eos_token_id=6, **SIZES)
    make_model(config, 44, CamembertModel).save_pretrained(folder)


def write_distilbert(folder):
    config = DistilBertConfig(vocab_size=write_word_piece(folder), dim=36, hidden_dim=40, n_layers=2, n_heads=4,
                              max_position_embeddings=80)
    make_model(config, 43, DistilBertModel).save_pretrained(folder)


def main():
    out = pathlib.Path(sys.argv[1])
    for name, write, texts in (("roberta", write_roberta, []), ("xlm_roberta", write_xlm_roberta, []),
                               ("camembert", write_camembert, FRENCH), ("distilbert", write_distilbert, [])):
        make_golden(out / name, write, TEXTS + MORE + texts)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes maxsimd/colbert/testdata/modernbert: a small ColBERT on ModernBERT, saved by PyLate, and PyLate's embeddings.

    python3 scripts/goldens/colbert_modernbert.py maxsimd/colbert/testdata/modernbert

Needs: pylate 1.6.0, sentence-transformers 5.3.0, transformers 5.3.0, tokenizers, torch (CPU). One thread gives the same
numbers each time.

The tokenizer is WordPiece over single characters and a few words. The window (local_attention 8: four tokens to either
side) is shorter than the expansion of a query, so that expansion tokens come to stand where no attended token is near.
"""
import json
import pathlib
import shutil
import sys
import tempfile

import torch
from pylate import models
from safetensors.torch import save_file
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from transformers import ModernBertConfig, ModernBertModel, PreTrainedTokenizerFast

from encoder_modernbert import make_model

SPECIAL = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
WORDS = "the owl eats mice at night moon sun sky blue bread water salt honey bees home who wrote what is far how".split()
TEXTS = [
    "what do owls eat", "Owls hunt mice and voles at night, mostly near fields and hedges.", "", "a",
    "how far away is the moon?", "The moon is about 384,000 kilometres from Earth: a light second and a bit.",
    "!?.,", "why is the sky blue", "Air scatters blue light much more than it scatters red light from the sun. " * 3,
    "Br\u00f6t und Salz \u65e5\u672c [MASK] [Q] bread", "x" * 40, "who wrote the bread",
]


def write_tokenizer(tokenizer, folder, **special):
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=["input_ids", "attention_mask"],
                            **special).save_pretrained(folder)


def write_word_piece(folder):
    """Returns the size of its vocabulary."""
    letters = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    vocab = {token: i for i, token in enumerate(
        dict.fromkeys(SPECIAL + letters + ["##" + x for x in letters if x.isalnum()] + WORDS))}
    tokenizer = Tokenizer(WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])])
    write_tokenizer(tokenizer, folder, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", unk_token="[UNK]",
                    mask_token="[MASK]")
    return len(vocab)


def write_encoder(folder):
    config = ModernBertConfig(vocab_size=write_word_piece(folder), hidden_size=36, intermediate_size=40,
                              num_hidden_layers=3, num_attention_heads=3, max_position_embeddings=128,
                              local_attention=8, pad_token_id=0, bos_token_id=1, cls_token_id=1, eos_token_id=2,
                              sep_token_id=2)
    make_model(config, 21, ModernBertModel).save_pretrained(folder)


def make_golden(out, write_encoder, texts):
    """A ColBERT on what write_encoder(folder) writes, saved by PyLate, and its embeddings of the texts."""
    torch.set_num_threads(1)
    torch.manual_seed(3)
    with tempfile.TemporaryDirectory() as folder:
        write_encoder(folder)
        model = models.ColBERT(folder, device="cpu", embedding_size=12, query_length=24, document_length=60)
        shutil.rmtree(out, ignore_errors=True)
        model.save_pretrained(str(out))
    (out / "README.md").unlink(missing_ok=True)
    model = models.ColBERT(str(out), device="cpu", model_kwargs={"dtype": torch.float32})
    tensors = {}
    for kind in ("query", "document"):
        vectors = model.encode(texts, is_query=kind == "query", show_progress_bar=False)
        for i, rows in enumerate(vectors):
            tensors[f"{kind}.{i}"] = torch.as_tensor(rows, dtype=torch.float32).contiguous()
    save_file(tensors, out / "embeddings.safetensors")
    (out / "texts.json").write_text(json.dumps(texts) + "\n")


if __name__ == "__main__":
    make_golden(pathlib.Path(sys.argv[1]), write_encoder, TEXTS)

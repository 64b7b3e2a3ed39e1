#!/usr/bin/env python3
"""Makes maxsimd/encoder/testdata/{bert,roberta,xlm_roberta,camembert,distilbert}: small models with seeded random weights, and their
hidden states by transformers.

    python3 scripts/goldens/encoder_bert_family.py maxsimd/encoder/testdata
    python3 scripts/goldens/encoder_bert_family.py --long OUT_FOLDER     # models of real width; nothing for the repository

Needs: transformers 5.3.0, torch (CPU), safetensors, numpy. One thread gives the same numbers each time.

`bert`: saved by BertModel, its pooler with it. `roberta`: saved by RobertaForMaskedLM, its head beside it, names with "roberta."; one token type, and a padding id that is
not the usual 1, so that positions start at 4. `xlm_roberta`: by XLMRobertaModel, names without prefix, two token types, its
position table just as long as the longest text needs. `camembert`: by CamembertForMaskedLM, whose names begin with "roberta."
too; its begin and end of text are 5 and 6. `distilbert`: by DistilBertForMaskedLM, names with "distilbert.",
sinusoidal positions by its config, others by its file: those count. Heads have 7, 10, 9, 8 and 14 dimensions. Rows of padding ids, zero in real models, are not: so it shows
whether they are used. Weights are rounded to bfloat16 and stored so.

A case is a batch. Rows are [length, H] of each text, all tokens of which attend to its first `attended` ones. Texts of the
case `padding_ids` have padding ids among their tokens.
"""
import argparse
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import (AutoModel, BertConfig, BertModel, CamembertConfig, CamembertForMaskedLM, DistilBertConfig, DistilBertForMaskedLM, RobertaConfig, RobertaForMaskedLM,
                          XLMRobertaConfig, XLMRobertaModel)

from encoder_modernbert import hidden_states, make_long, make_model, write_json

LONGEST = 300
MODELS = {
    "bert": (BertModel, BertConfig(
        vocab_size=51, hidden_size=28, intermediate_size=36, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=LONGEST, type_vocab_size=2, pad_token_id=0)),
    "roberta": (RobertaForMaskedLM, RobertaConfig(
        vocab_size=61, hidden_size=40, intermediate_size=52, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=LONGEST + 4, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=3, bos_token_id=0,
        eos_token_id=2)),
    "xlm_roberta": (XLMRobertaModel, XLMRobertaConfig(
        vocab_size=53, hidden_size=36, intermediate_size=44, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=LONGEST + 2, type_vocab_size=2, layer_norm_eps=1e-5, pad_token_id=1)),
    "camembert": (CamembertForMaskedLM, CamembertConfig(
        vocab_size=59, hidden_size=32, intermediate_size=40, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=LONGEST + 2, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=5,
        eos_token_id=6)),
    "distilbert": (DistilBertForMaskedLM, DistilBertConfig(
        vocab_size=47, dim=56, hidden_dim=48, n_layers=3, n_heads=4, max_position_embeddings=LONGEST,
        sinusoidal_pos_embds=True)),
}


def cases_of(config):
    generator = np.random.default_rng(7)

    def batch(lengths, attended=None):
        return {"ids": [generator.integers(4, config.vocab_size, length).tolist() for length in lengths],
                "attended": attended or list(lengths)}

    cases = {f"length_{n}": batch([n]) for n in (1, 2, 3, 17, 33, LONGEST)}
    cases["mixed"] = batch([5, 1, 40, 17, 2, 31])
    cases["unattended"] = batch([21, 12, 30], [5, 12, 29])
    padding = batch([9, 4, 12])
    for text, place in ((0, 3), (0, 4), (1, 0), (2, 11)):
        padding["ids"][text][place] = config.pad_token_id
    return {**cases, "padding_ids": padding}


def make_golden(name, folder):
    model_class, config = MODELS[name]
    whole = make_model(config, 31 + len(name), model_class)
    folder.mkdir(parents=True, exist_ok=True)
    parameters = dict(whole.named_parameters())  # tied ones once
    save_file({key: value.detach().to(torch.bfloat16).contiguous() for key, value in parameters.items()},
              folder / "model.safetensors", {"format": "pt"})
    write_json(folder / "config.json", dict(config.to_dict(), dtype="bfloat16", architectures=[model_class.__name__]))
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    assert model.config._attn_implementation == "sdpa"
    for key, value in model.named_parameters():
        stored = parameters.get(key, parameters.get(f"{whole.base_model_prefix}.{key}"))
        assert key.startswith("pooler.") or torch.equal(value, stored), key
    cases, states = cases_of(config), {}
    for case, batch in cases.items():
        for i, rows in enumerate(hidden_states(model, batch["ids"], batch["attended"])):
            states[f"{case}.{i}"] = rows
    (folder / "cases.json").write_text(json.dumps(cases) + "\n")
    save_file(states, folder / "hidden_states.safetensors")


def make_wide(name, folder):
    """The same config with the layers of a MiniLM, 512 tokens, a base model of its own."""
    model_class, config = MODELS[name]
    values = dict(config.to_dict(), vocab_size=500, max_position_embeddings=512 + config.max_position_embeddings - LONGEST)
    if name == "distilbert":
        values.update(dim=384, hidden_dim=1536, n_layers=6, n_heads=12)
    else:
        values.update(hidden_size=384, intermediate_size=1536, num_hidden_layers=12, num_attention_heads=12)
    whole = make_model(type(config)(**values), 41 + len(name), model_class)
    make_long(folder, whole.base_model, [1, 2, 3, 17, 32, 33, 128, 300, 511, 512])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--long", action="store_true", help="models of real width instead: each takes 50 to 100 MB")
    args = parser.parse_args()
    torch.set_num_threads(1)
    for name in MODELS:
        (make_wide if args.long else make_golden)(name, args.folder / name)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes maxsimd/encoder/testdata/modernbert_*: small ModernBERT models with seeded random weights, and their hidden
states by transformers.

    python3 scripts/goldens/encoder_modernbert.py maxsimd/encoder/testdata
    python3 scripts/goldens/encoder_modernbert.py --long OUT_FOLDER      # OUT_FOLDER/modernbert, up to 8,192 tokens; nothing for the repository

Needs: transformers 5.3.0, torch (CPU), safetensors, numpy. One thread gives the same numbers each time.

Two models of the committed ones, four layers each. `old`: config.json as transformers 4 wrote it (global_rope_theta,
global_attn_every_n_layers, "position_embedding_type": "sans_pos", which Ettin's say and no code reads), tensors named as
ModernBertForMaskedLM's with its head beside them. `new`: as transformers 5 writes it (rope_parameters, layer_types that
no rule makes), all biases, an odd local_attention, names without prefix. Weights are rounded to bfloat16 and stored so.
Heads have 10 and 14 dimensions. Every linear layer's weights have a spread that makes attention sharp: with transformers'
0.02 all keys of a random model would count the same, and a wrong window would hardly show.

A case is a batch. Rows are [length, H] of each text, all tokens of which attend to its first `attended` ones; of a case
with a `stride`, every so many-th row. `old` has one of 8,192 tokens.
"""
import argparse
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import ModernBertConfig, ModernBertForMaskedLM, ModernBertModel

SHAPES = {
    "old": dict(vocab_size=61, hidden_size=40, intermediate_size=52, num_hidden_layers=4, num_attention_heads=4,
                max_position_embeddings=8192, local_attention=14, global_attn_every_n_layers=3,
                global_rope_theta=160000.0, local_rope_theta=10000.0, norm_eps=1e-5),
    "new": dict(vocab_size=53, hidden_size=56, intermediate_size=44, num_hidden_layers=4, num_attention_heads=4,
                max_position_embeddings=300, local_attention=9, norm_eps=1e-6, norm_bias=True, attention_bias=True,
                mlp_bias=True,
                layer_types=["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
                rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 80000.0},
                                 "sliding_attention": {"rope_type": "default", "rope_theta": 500.0}}),
}
SPECIAL = dict(pad_token_id=0, bos_token_id=1, cls_token_id=1, eos_token_id=2, sep_token_id=2)


def make_model(config, seed, model_class=ModernBertModel):
    model = model_class(config).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            values = torch.randn(tensor.shape, generator=generator)
            if tensor.dim() == 1 and name.endswith("weight"):  # layer norms
                values = 1 + 0.2 * values
            elif name.endswith("embeddings.weight"):
                pass
            elif tensor.dim() == 2:
                values *= 1.5 / tensor.shape[1] ** 0.5
            else:
                values *= 0.2
            tensor.copy_(values.to(torch.bfloat16).to(torch.float32))
    return model


def hidden_states(model, ids, attended):
    """Of one batch, padded on the right: a list of [length, H]."""
    longest = max(map(len, ids))
    tokens = torch.full((len(ids), longest), model.config.pad_token_id, dtype=torch.long)
    mask = torch.zeros(len(ids), longest, dtype=torch.long)
    for i, row in enumerate(ids):
        tokens[i, :len(row)] = torch.tensor(row)
        mask[i, :attended[i]] = 1
    with torch.no_grad():
        states = model(input_ids=tokens, attention_mask=mask).last_hidden_state
    return [states[i, :len(row)].contiguous() for i, row in enumerate(ids)]


def cases_of(window, longest, vocab):
    generator = np.random.default_rng(5)

    def batch(lengths, attended=None):
        return {"ids": [generator.integers(3, vocab, length).tolist() for length in lengths],
                "attended": attended or list(lengths)}

    cases = {f"length_{n}": batch([n]) for n in sorted({1, 2, 3, window, window + 1, window + 2, 2 * window + 1, 33})}
    cases["longest"] = batch([longest])
    cases["mixed"] = batch([5, 1, 40, 17, 2, 31])
    # Expansion tokens, some of them further from all attended ones than the window is wide.
    cases["unattended"] = batch([3 * window, 12, 2 * window], [5, 12, 2 * window - 1])
    if longest > 300:
        cases["longest"] = dict(batch([300]), stride=1)
        cases["sampled"] = dict(batch([longest, 70]), stride=61)
    return cases


def as_transformers_4_wrote_it(config, shape):
    out = config.to_dict()
    for name in ("layer_types", "rope_parameters", "dtype"):
        out.pop(name)
    out.update({name: shape[name] for name in ("global_rope_theta", "local_rope_theta", "global_attn_every_n_layers")})
    out.update(position_embedding_type="sans_pos", reference_compile=False, repad_logits_with_grad=False,
               transformers_version="4.48.0", torch_dtype="bfloat16", architectures=["ModernBertForMaskedLM"])
    return out


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")


def make_golden(name, folder):
    shape = SHAPES[name]
    config = ModernBertConfig(**shape, **SPECIAL)
    is_old = name == "old"
    whole = make_model(config, 11 if is_old else 12, ModernBertForMaskedLM if is_old else ModernBertModel)
    model = whole.model if is_old else whole
    assert model.config._attn_implementation == "sdpa"
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {key: value.to(torch.bfloat16).contiguous() for key, value in whole.state_dict().items()}
    tensors.pop("decoder.weight", None)  # tied to the table
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    written = as_transformers_4_wrote_it(config, shape) if is_old else dict(config.to_dict(), dtype="bfloat16")
    write_json(folder / "config.json", written)
    # What transformers makes of the written file is the same model.
    again = ModernBertModel.from_pretrained(folder, dtype=torch.float32).eval()
    cases = cases_of(shape["local_attention"] // 2, shape["max_position_embeddings"], shape["vocab_size"])
    states = {}
    for case, batch in cases.items():
        for i, rows in enumerate(hidden_states(again, batch["ids"], batch["attended"])):
            states[f"{case}.{i}"] = rows[::batch.get("stride", 1)].contiguous()
        for i, rows in enumerate(hidden_states(model, batch["ids"], batch["attended"])):
            assert torch.equal(rows[::batch.get("stride", 1)], states[f"{case}.{i}"]), case
    (folder / "cases.json").write_text(json.dumps(cases) + "\n")
    save_file(states, folder / "hidden_states.safetensors")


def make_long(folder, model, lengths):
    """A model of real width: every length alone, and all of them in one batch."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    generator = np.random.default_rng(6)
    texts = [generator.integers(8, model.config.vocab_size, n).tolist() for n in lengths]
    batches = {f"length {n:5}": [text] for n, text in zip(lengths, texts)} | {"mixed": texts}
    cases, states = {}, {}
    for name, ids in batches.items():
        cases[name] = {"ids": ids, "attended": list(map(len, ids))}
        for i, rows in enumerate(hidden_states(model, ids, cases[name]["attended"])):
            states[f"{name}.{i}"] = rows
    (folder / "cases.json").write_text(json.dumps(cases) + "\n")
    save_file(states, folder / "hidden_states.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--long", action="store_true", help="a model of Ettin 17M's width instead: the folder takes 40 MB")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.long:
        config = ModernBertConfig(vocab_size=500, hidden_size=256, intermediate_size=384, num_hidden_layers=6,
                                  num_attention_heads=4, max_position_embeddings=8192, local_attention=128, **SPECIAL)
        make_long(args.folder / "modernbert", make_model(config, 13), [1, 2, 3, 32, 129, 300, 512, 1024, 2047, 4096, 8192])
        return
    for name in SHAPES:
        make_golden(name, args.folder / f"modernbert_{name}")


if __name__ == "__main__":
    main()

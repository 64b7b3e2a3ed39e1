#!/usr/bin/env python3
"""Makes maxsimd/training/testdata/train_mode/*.safetensors: what transformers' encoders give in training, of the seeded
models of maxsimd/encoder/testdata.

    python3 scripts/goldens/training_train_mode.py maxsimd/encoder/testdata maxsimd/training/testdata/train_mode

Needs: transformers 5.3.0, torch (CPU), safetensors. One thread gives the same numbers each time.

Of one batch of texts, in some of which padding tokens stand; all tokens are attended to, rows are those of all texts one
after another:
  ids, lengths        the texts
  hidden.KEY          hidden states in train mode when the rate KEY of config.json is 1 and the others are 0: exactly what that
                      rate governs is gone, and nothing else
  hidden.none         all rates 0
  gradient.NAME       of the sum of the cosines of hidden.none, for every embedding table and norm: the padding rows of tables
                      that have one are zero
"""
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModel

RATES = {"bert": ["hidden_dropout_prob", "attention_probs_dropout_prob"], "distilbert": ["dropout", "attention_dropout"],
         "modernbert": ["embedding_dropout", "attention_dropout", "mlp_dropout"]}
RATES["roberta"] = RATES["camembert"] = RATES["xlm-roberta"] = RATES["bert"]
LENGTHS = [9, 1, 33, 12]


def texts_of(config):
    generator = torch.Generator().manual_seed(17)
    texts = [torch.randint(7, config.vocab_size, (n,), generator=generator).tolist() for n in LENGTHS]
    for text, place in ((0, 3), (0, 4), (2, 0), (2, 32), (3, 11)):
        texts[text][place] = config.pad_token_id
    return texts


def hidden_states(folder, rates, texts):
    config = AutoConfig.from_pretrained(folder)
    for key, rate in rates.items():
        setattr(config, key, rate)
    # Eager: the probabilities are dropped as such.
    model = AutoModel.from_pretrained(folder, config=config, dtype=torch.float32, attn_implementation="eager").train()
    longest = max(map(len, texts))
    ids = torch.full((len(texts), longest), config.pad_token_id)
    mask = torch.zeros(len(texts), longest, dtype=torch.long)
    for i, text in enumerate(texts):
        ids[i, :len(text)] = torch.tensor(text)
        mask[i, :len(text)] = 1
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state
    return model, torch.cat([states[i, :len(text)] for i, text in enumerate(texts)])


def main():
    models, out = map(pathlib.Path, sys.argv[1:3])
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    for name in ("bert", "roberta", "camembert", "distilbert", "modernbert_old", "modernbert_new"):
        config = AutoConfig.from_pretrained(models / name)
        texts = texts_of(config)
        keys = RATES[config.model_type]
        tensors = {"ids": torch.tensor(sum(texts, []), dtype=torch.int32), "lengths": torch.tensor(LENGTHS, dtype=torch.int32)}
        for key in keys:
            _, states = hidden_states(models / name, {other: float(other == key) for other in keys}, texts)
            tensors[f"hidden.{key}"] = states.detach().contiguous()
        model, states = hidden_states(models / name, {key: 0.0 for key in keys}, texts)
        tensors["hidden.none"] = states.detach().contiguous()
        states.cos().sum().backward()
        for parameter_name, parameter in model.named_parameters():
            if "embeddings" in parameter_name:
                tensors[f"gradient.{parameter_name}"] = parameter.grad.contiguous()
        save_file(tensors, out / f"{name}.safetensors")


if __name__ == "__main__":
    main()

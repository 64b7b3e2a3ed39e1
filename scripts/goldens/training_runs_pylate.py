#!/usr/bin/env python3
"""Makes maxsimd/training/testdata/runs*.json: two steps of PyLate from a model in float32, without dropout, with
several negatives a query, by Contrastive and CachedContrastive, and with NEFTune's noise.

    python3 scripts/goldens/training_runs_pylate.py models/mini > maxsimd/training/testdata/runs.json
    python3 scripts/goldens/training_runs_pylate.py maxsimd/colbert/testdata/modernbert \
        > maxsimd/training/testdata/runs_modernbert.json
    for NAME in roberta xlm_roberta; do python3 scripts/goldens/training_runs_pylate.py \
        maxsimd/colbert/testdata/$NAME "<pad>" > maxsimd/training/testdata/runs_$NAME.json; done
    python3 scripts/goldens/training_runs_pylate.py maxsimd/colbert/testdata/distilbert "[PAD]" \
        > maxsimd/training/testdata/runs_distilbert.json

Needs: pylate 1.6.0, sentence-transformers 5.3.0, transformers 5.3.0 (torch on the CPU). One thread gives the same numbers
each time.

The second argument is a padding token, which then stands in a query and in its answer.

Of each step the loss and the norm of the gradient, before clipping; of the first step of each run, for every parameter,
the norm of its gradient g and its product with a fixed direction, the sum of g[i] * (i % 7 - 3).

The noise is transformers' own hook. Its trainer would hang it on model.get_input_embeddings(), which a PyLate model does
not have (AttributeError); here it hangs on the word embeddings. With noise all texts are as long as their padding, so
that the hook draws for the same tokens as a batch without padding does.
"""
import json
import sys

import torch
from pylate import losses, models
from transformers.integrations.neftune import activate_neftune

ROWS_A_STEP, LEARNING_RATE, SEED = 3, 3e-5, 11

# A query, its answer, and three texts that are none. All documents have nine words and more.
ROWS = [
    ("what do owls eat", "Owls hunt mice and voles at night, mostly near fields and hedges.",
     "Owls lay round white eggs in hollow trees or old barns.",
     "Eagles build large nests on cliffs and come back to them each year.",
     "Mice live under floors; they come out for crumbs when the house sleeps."),
    ("how far away is the moon", "The moon is about 384,000 kilometres from Earth: a light second and a bit.",
     "The moon has no air, so its sky is black by day.",
     "Tides follow the moon, twice a day on most of the coasts.",
     "The sun is four hundred times as far as the moon is."),
    ("why is the sky blue", "Air scatters blue light much more than it scatters red light from the sun.",
     "Clouds are white because their drops scatter light of all colours.",
     "Sea water is blue where it is deep, since it swallows red.",
     "At dusk the light has come a long way, and the blue is gone."),
    ("who wrote Faust", "Goethe wrote Faust, a play in two parts, over sixty years of his life.",
     "Mozart wrote operas, symphonies and a requiem that he did not finish.",
     "Schiller wrote plays too; he and Goethe were friends in Weimar.",
     "Gounod made an opera of the story for Paris in 1859."),
    ("what is bread made of", "Bread is baked from flour, water, salt and some yeast or sour dough.",
     "Bakers get up early, because people want their rolls at seven.",
     "Beer has barley, water, hops and yeast in it, and nothing else.",
     "Cakes need eggs, butter and sugar besides the flour, and more care."),
    ("how do bees find home", "Bees find their way back to the hive by the sun and by landmarks.",
     "Bees make honey from nectar and keep it in combs of wax.",
     "Pigeons find home over hundreds of miles, nobody quite knows how.",
     "Wasps build their nests of paper, chewed from old wood and spit."),
]

RUNS = [
    {"loss": "contrastive", "negatives": 2, "temperature": 1.0, "document_length": 24},
    {"loss": "contrastive", "negatives": 3, "temperature": 0.3, "document_length": 24},
    {"loss": "cached_contrastive", "negatives": 2, "temperature": 1.0, "document_length": 24, "mini_batch_size": 2},
    {"loss": "contrastive", "negatives": 2, "temperature": 1.0, "document_length": 12, "neftune_noise_alpha": 5.0},
    {"loss": "cached_contrastive", "negatives": 2, "temperature": 1.0, "document_length": 12, "mini_batch_size": 2,
     "neftune_noise_alpha": 5.0},
]
QUERY_LENGTH = 12


def direction_of(gradient):
    places = torch.arange(gradient.numel(), dtype=torch.float64)
    return torch.dot(gradient.double().flatten(), places % 7 - 3).item()


def features(model, rows, run):
    columns = list(zip(*rows))[:run["negatives"] + 2]
    tokenized = [model.tokenize(list(texts), is_query=i == 0, pad=True) for i, texts in enumerate(columns)]
    if "neftune_noise_alpha" in run:
        for i, column in enumerate(tokenized):
            assert i == 0 or column["attention_mask"].all(), "a document has padding"
    return tokenized


def rows_with(padding):
    rows = [list(row) for row in ROWS]
    if padding:
        for column in (0, 1):
            rows[0][column] = rows[0][column].replace(" ", f" {padding} ", 1)
    return rows


def train(folder, rows, run):
    model = models.ColBERT(folder, device="cpu", query_length=QUERY_LENGTH, document_length=run["document_length"]).float()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model.train()
    if "neftune_noise_alpha" in run:
        activate_neftune(model[0].auto_model, run["neftune_noise_alpha"])
    if run["loss"] == "contrastive":
        loss = losses.Contrastive(model, temperature=run["temperature"])
    else:
        loss = losses.CachedContrastive(model, temperature=run["temperature"], mini_batch_size=run["mini_batch_size"])
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    torch.manual_seed(SEED)
    out = {**run, "losses": [], "gradient_norms": [], "parameters": {}}
    for begin in range(0, len(rows), ROWS_A_STEP):
        optimizer.zero_grad()
        value = loss(features(model, rows[begin:begin + ROWS_A_STEP], run))
        value.backward()
        gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        if begin == 0:
            out["parameters"] = {name: [float(f"{x:.7g}") for x in (g.norm().item(), direction_of(g))]
                                 for name, g in gradients.items()}
        out["losses"].append(value.item())
        out["gradient_norms"].append(torch.stack([g.norm() for g in gradients.values()]).norm().item())
        optimizer.step()
    return out


def main():
    torch.set_num_threads(1)
    rows = rows_with(sys.argv[2] if len(sys.argv) > 2 else "")
    print(json.dumps({"rows": rows, "rows_a_step": ROWS_A_STEP, "learning_rate": LEARNING_RATE, "seed": SEED,
                      "query_length": QUERY_LENGTH, "runs": [train(sys.argv[1], rows, run) for run in RUNS]}))


main()

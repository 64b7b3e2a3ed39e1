#!/usr/bin/env python3
"""Seconds a training step of maxsimd and of PyLate, side by side on this CPU.

Both train the same model on the same rows with the same batch: forward, backward, clipping and
AdamW, without reading and tokenizing. They take turns, so that what else the machine does meets both.

    python3 bench/compare_train.py --model models/mini --dataset rows.jsonl --steps 8 --rounds 3

GFLOP are those of the linear layers (forward, and twice as many backward) on the tokens there are;
the share is that of what the cores do with the multiply-adds of the precision in registers alone.

The rows need the columns query, positive and negative (JSON lines). PyLate must be importable by
--pylate-python (pip install torch==2.11.0 pylate==1.6.0); without it, ours alone is timed.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

PYLATE = """
import json, sys, time, resource
import torch
from pylate import losses, models, utils
model_path, data, length, steps, bf16, batch = sys.argv[1:7]
length, steps, bf16, batch = int(length), int(steps), bf16 == "1", int(batch)
torch.manual_seed(42)
model = models.ColBERT(model_path, document_length=length, query_length=32, device="cpu")
model.to(torch.float32)  # transformers 5 keeps the type of the file
model.train()
loss_of = losses.Contrastive(model=model)
collate = utils.ColBERTCollator(tokenize_fn=model.tokenize)
rows = [json.loads(line) for line in open(data)][: steps * batch]
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-5, fused=True)
seconds = []
for begin in range(0, len(rows), batch):
    features = collate(rows[begin : begin + batch])
    columns = [{key[len(name) + 1:]: features[key] for key in features if key.startswith(name + "_")}
               for name in ("query", "positive", "negative")]
    start = time.perf_counter()
    if bf16:  # as the trainer on CUDA: the model's forward alone, its results in float32 again
        forward = model.forward
        def cast(inputs, *args, **kwargs):
            with torch.autocast("cpu", torch.bfloat16):
                out = forward(inputs, *args, **kwargs)
            out["token_embeddings"] = out["token_embeddings"].float()
            return out
        model.forward = cast
    loss = loss_of(columns, torch.zeros(1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    if bf16:
        model.forward = forward
    seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": seconds[1:], "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def run_ours(options, data, length, bf16, steps):
    with tempfile.TemporaryDirectory() as folder:
        command = [options.program, "train", "--model", options.model, "--train_dataset", data,
                   "--output_dir", folder, "--per_device_train_batch_size", str(options.batch),
                   "--document_length", str(length), "--query_length", "32", "--max_steps",
                   str(steps), "--learning_rate", "3e-5", "--save_strategy", "no",
                   "--logging_steps", "1"] + (["--bf16"] if bf16 else [])
        environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
        run = subprocess.run(["/usr/bin/time", "-f", "%M"] + command, capture_output=True, text=True,
                             env=environment, check=True)
        record = json.loads((pathlib.Path(folder) / "run.json").read_text())
        tokens = float(re.findall(r"(\d+) tokens/s", run.stderr)[-1]) * record["seconds"]
        return record["seconds"], int(re.findall(r"\d+", run.stderr)[-1]), tokens / steps


def ours(options, data, length, bf16):
    """Without the first step, as PyLate's are: memory comes from the system in it."""
    first, _, _ = run_ours(options, data, length, bf16, 1)
    seconds, peak, tokens = run_ours(options, data, length, bf16, options.steps)
    return [(seconds - first) / (options.steps - 1)], peak, tokens


def gflop_a_token(model):
    """Of the linear layers of BERT, forward and backward."""
    config = json.loads((pathlib.Path(model) / "config.json").read_text())
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    return 6 * config["num_hidden_layers"] * hidden * (4 * hidden + 2 * inner) / 1e9


def peak_gflops(options, bf16):
    run = subprocess.run([options.program, "bench", options.model, "--precision", "bf16" if bf16 else "f32",
                          "--seconds", "1", "--rounds", "1", "--json"], capture_output=True, text=True, check=True)
    return float(re.search(r'"peak_gops":\s*([\d.]+)', run.stdout)[1])


def theirs(options, data, length, bf16):
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads), HF_HUB_OFFLINE="1",
                       TOKENIZERS_PARALLELISM="false")
    run = subprocess.run([options.pylate_python, "-c", PYLATE, options.model, data, str(length),
                          str(options.steps), "1" if bf16 else "0", str(options.batch)],
                         capture_output=True, text=True, env=environment)
    if run.returncode != 0:
        sys.exit(run.stderr)
    result = json.loads(run.stdout.strip().splitlines()[-1])
    return result["seconds"], result["peak_kb"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/release/bin/maxsimd")
    parser.add_argument("--model", default="models/mini")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--pylate-python", default="")
    parser.add_argument("--lengths", default="32,180")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    print("| document length | precision | maxsimd s/step (MB) | PyLate s/step (MB) | ratio | tokens/s | "
          "GFLOP/step | GFLOP/s | share of peak |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for length in map(int, options.lengths.split(",")):
        for bf16 in (False, True):
            mine, other, peaks = [], [], [0, 0]
            for _ in range(options.rounds):
                seconds, peak, tokens = ours(options, options.dataset, length, bf16)
                mine += seconds
                peaks[0] = max(peaks[0], peak)
                if options.pylate_python:
                    seconds, peak = theirs(options, options.dataset, length, bf16)
                    other += seconds
                    peaks[1] = max(peaks[1], peak)
            a = statistics.median(mine)
            b = statistics.median(other) if other else float("nan")
            gflop = tokens * gflop_a_token(options.model)
            print(f"| {length} | {'bf16' if bf16 else 'f32'} | {a:.2f} ({peaks[0] / 1000:.0f}) | "
                  f"{b:.2f} ({peaks[1] / 1000:.0f}) | {b / a:.2f} | {tokens / a:.0f} | {gflop:.0f} | {gflop / a:.0f} | "
                  f"{100 * gflop / a / peak_gflops(options, bf16):.0f} % |", flush=True)


if __name__ == "__main__":
    main()

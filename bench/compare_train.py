#!/usr/bin/env python3
"""Seconds a training step of maxsimd and of PyLate, side by side on this CPU or this GPU.

Both train the same model on the same rows, the first steps x batch of the file, with the same batch: forward,
backward, clipping and AdamW, without reading and tokenizing. They take turns, so that what else the machine does
meets both.

    python3 bench/compare_train.py --model models/mini --dataset rows.jsonl --steps 8 --rounds 3

GFLOP are those of the linear layers (forward, and twice as many backward) on the tokens there are;
the share is that of what the cores do with the multiply-adds of the precision in registers alone.

On a GPU (a maxsimd-train built with CUDA, docs/training.md) at the setting of the card, batch 128 in
bf16, triplets a second, and the time that the card's 1,893,947 triplets would take:

    python3 bench/compare_train.py --device cuda --dataset rows.jsonl --pylate-python VENV/bin/python

There both are timed twice: the steps alone, and all of the loop with reading and tokenizing, which
maxsimd does beside the steps. The first steps are left out of both.

The rows need the columns query, positive and negative (JSON lines). PyLate must be importable by
--pylate-python (pip install torch==2.11.0 pylate==1.6.0); without it, ours alone is timed.
"""
import argparse
import itertools
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

CARD_TRIPLETS = 1_893_947
PYLATE = """
import json, sys, time, resource
import torch
from pylate import losses, models, utils
model_path, data, length, steps, bf16, batch, device = sys.argv[1:8]
length, steps, bf16, batch = int(length), int(steps), bf16 == "1", int(batch)
torch.manual_seed(42)
model = models.ColBERT(model_path, document_length=length, query_length=32, device=device)
model.to(torch.float32)  # transformers 5 keeps the type of the file
model.train()
loss_of = losses.Contrastive(model=model)
collate = utils.ColBERTCollator(tokenize_fn=model.tokenize)
rows = [json.loads(line) for line in open(data)]  # first_rows(): those of all steps
wait = torch.cuda.synchronize if device == "cuda" else lambda: None
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-5, fused=True)
seconds, whole = [], []
for begin in range(0, len(rows), batch):
    loop_start = time.perf_counter()
    features = collate(rows[begin : begin + batch])
    columns = [{key[len(name) + 1:]: features[key].to(device) if hasattr(features[key], "to") else features[key]
                for key in features if key.startswith(name + "_")}
               for name in ("query", "positive", "negative")]
    wait()
    start = time.perf_counter()
    if bf16:  # as the trainer on CUDA: the model's forward alone, its results in float32 again
        forward = model.forward
        def cast(inputs, *args, **kwargs):
            with torch.autocast(device, torch.bfloat16):
                out = forward(inputs, *args, **kwargs)
            out["token_embeddings"] = out["token_embeddings"].float()
            return out
        model.forward = cast
    loss = loss_of(columns, torch.zeros(1, device=device))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    if bf16:
        model.forward = forward
    wait()
    seconds.append(time.perf_counter() - start)
    whole.append(time.perf_counter() - loop_start)
print(json.dumps({"seconds": seconds, "whole": whole, "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def first_rows(dataset, count, folder):
    """A file with the rows that both train on, the first of the data set, from its start again where it has fewer:
    ours shuffles all that it is given, PyLate's loop takes them in order."""
    path = pathlib.Path(folder) / "rows.jsonl"
    with open(dataset, encoding="utf-8") as lines:
        rows = list(itertools.islice((line.strip() for line in lines if line.strip()), count))
    path.write_text("".join(row + "\n" for row in itertools.islice(itertools.cycle(rows), count)), encoding="utf-8")
    return str(path)


def run_ours(options, data, length, bf16, steps):
    with tempfile.TemporaryDirectory() as folder:
        command = [options.program, "train", "--model", options.model, "--train_dataset", data,
                   "--output_dir", folder, "--per_device_train_batch_size", str(options.batch),
                   "--document_length", str(length), "--query_length", "32", "--max_steps",
                   str(steps), "--learning_rate", "3e-5", "--save_strategy", "no",
                   "--logging_steps", "1", "--device", options.device] + (["--bf16"] if bf16 else [])
        environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
        run = subprocess.run(["/usr/bin/time", "-f", "%M"] + command, capture_output=True, text=True,
                             env=environment, check=True)
        record = json.loads((pathlib.Path(folder) / "run.json").read_text())
        tokens = float(re.findall(r"(\d+) tokens/s", run.stderr)[-1]) * record["seconds"]
        lines = (pathlib.Path(folder) / "logs.jsonl").read_text().splitlines()
        whole = json.loads(lines[-1])["train_runtime"]
        return record["seconds"], int(re.findall(r"\d+", run.stderr)[-1]), tokens / steps, whole


def ours(options, data, length, bf16):
    """Without the first steps, as PyLate's are: memory comes from the system in them."""
    first, _, _, first_whole = run_ours(options, data, length, bf16, options.warm_up)
    seconds, peak, tokens, whole = run_ours(options, data, length, bf16, options.steps)
    counted = options.steps - options.warm_up
    return [(seconds - first) / counted], peak, tokens, (whole - first_whole) / counted


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
                          str(options.steps), "1" if bf16 else "0", str(options.batch), options.device],
                         capture_output=True, text=True, env=environment)
    if run.returncode != 0:
        sys.exit(run.stderr)
    result = json.loads(run.stdout.strip().splitlines()[-1])
    warm_up = options.warm_up
    return result["seconds"][warm_up:], result["peak_kb"], statistics.mean(result["whole"][warm_up:])


def on_gpu(options):
    def rates(step, whole):
        return f"{options.batch / step:.0f} ({options.batch / whole:.0f})"

    print("triplets a second: steps alone (with reading and tokenizing)\n")
    print("| document length | maxsimd | PyLate | ratio | minutes for 1,893,947 triplets |")
    print("| --- | --- | --- | --- | --- |")
    for length in map(int, options.lengths.split(",")):
        mine, other = [], []
        for _ in range(options.rounds):
            seconds, _, _, whole = ours(options, options.dataset, length, True)
            mine.append((seconds[0], whole))
            if options.pylate_python:
                seconds, _, whole = theirs(options, options.dataset, length, True)
                other.append((statistics.mean(seconds), whole))
        a = [statistics.median(column) for column in zip(*mine)]
        b = [statistics.median(column) for column in zip(*other)] if other else [float("nan")] * 2
        minutes = " / ".join(f"{CARD_TRIPLETS / options.batch * whole / 60:.1f}" for whole in (a[1], b[1]))
        print(f"| {length} | {rates(*a)} | {rates(*b)} | {b[0] / a[0]:.2f} ({b[1] / a[1]:.2f}) | {minutes} |", flush=True)


def on_cpu(options):
    print("| document length | precision | maxsimd s/step (MB) | PyLate s/step (MB) | ratio | tokens/s | "
          "GFLOP/step | GFLOP/s | share of peak |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for length in map(int, options.lengths.split(",")):
        for bf16 in (False, True):
            mine, other, peaks = [], [], [0, 0]
            for _ in range(options.rounds):
                seconds, peak, tokens, _ = ours(options, options.dataset, length, bf16)
                mine += seconds
                peaks[0] = max(peaks[0], peak)
                if options.pylate_python:
                    seconds, peak, _ = theirs(options, options.dataset, length, bf16)
                    other += seconds
                    peaks[1] = max(peaks[1], peak)
            a = statistics.median(mine)
            b = statistics.median(other) if other else float("nan")
            gflop = tokens * gflop_a_token(options.model)
            print(f"| {length} | {'bf16' if bf16 else 'f32'} | {a:.2f} ({peaks[0] / 1000:.0f}) | "
                  f"{b:.2f} ({peaks[1] / 1000:.0f}) | {b / a:.2f} | {tokens / a:.0f} | {gflop:.0f} | {gflop / a:.0f} | "
                  f"{100 * gflop / a / peak_gflops(options, bf16):.0f} % |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/release/bin/maxsimd")
    parser.add_argument("--model", default="models/mini")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--pylate-python", default="")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--lengths", default="32,180")
    parser.add_argument("--steps", type=int, help="default: 8, on a GPU 120")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, help="default: 32, on a GPU 128")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    is_gpu = options.device == "cuda"
    options.batch = options.batch or (128 if is_gpu else 32)
    options.steps = options.steps or (120 if is_gpu else 8)
    options.warm_up = 20 if is_gpu else 1
    if options.steps <= options.warm_up + 1:
        sys.exit(f"--steps: expected more than {options.warm_up + 1}")
    with tempfile.TemporaryDirectory() as folder:
        options.dataset = first_rows(options.dataset, options.steps * options.batch, folder)
        (on_gpu if is_gpu else on_cpu)(options)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Seconds a training step of maxsimd and of PyLate, side by side on this CPU.

Both train the same model on the same rows with the same batch: forward, backward, clipping and
AdamW, without reading and tokenizing. They take turns, so that what else the machine does meets both.

    python3 bench/compare_train.py --model models/mini --dataset rows.jsonl --steps 6 --rounds 3

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


def ours(options, data, length, bf16):
    with tempfile.TemporaryDirectory() as folder:
        command = [options.program, "train", "--model", options.model, "--train_dataset", data,
                   "--output_dir", folder, "--per_device_train_batch_size", str(options.batch),
                   "--document_length", str(length), "--query_length", "32", "--max_steps",
                   str(options.steps), "--learning_rate", "3e-5", "--save_strategy", "no",
                   "--logging_steps", "1"] + (["--bf16"] if bf16 else [])
        environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
        run = subprocess.run(["/usr/bin/time", "-f", "%M"] + command, capture_output=True, text=True,
                             env=environment, check=True)
        record = json.loads((pathlib.Path(folder) / "run.json").read_text())
        peak = int(re.findall(r"\d+", run.stderr)[-1])
        return [record["seconds"] / options.steps], peak


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
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    print("| document length | precision | maxsimd s/step (MB) | PyLate s/step (MB) | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for length in map(int, options.lengths.split(",")):
        for bf16 in (False, True):
            mine, other, peaks = [], [], [0, 0]
            for _ in range(options.rounds):
                seconds, peak = ours(options, options.dataset, length, bf16)
                mine += seconds
                peaks[0] = max(peaks[0], peak)
                if options.pylate_python:
                    seconds, peak = theirs(options, options.dataset, length, bf16)
                    other += seconds
                    peaks[1] = max(peaks[1], peak)
            a = statistics.median(mine)
            b = statistics.median(other) if other else float("nan")
            print(f"| {length} | {'bf16' if bf16 else 'f32'} | {a:.2f} ({peaks[0] / 1000:.0f}) | "
                  f"{b:.2f} ({peaks[1] / 1000:.0f}) | {b / a:.2f} |", flush=True)


if __name__ == "__main__":
    main()

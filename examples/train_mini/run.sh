#!/usr/bin/env bash
# Trains the model that maxsimd carries (models/mini) from pairs of questions and answers:
# hard negatives, training, card. Works in the current folder and leaves run/mini there.
#
#   examples/train_mini/run.sh MAXSIMD START PAIRS [HELD_OUT [--NAME VALUE]...]
#
#   MAXSIMD   the program, with maxsimd-train beside it
#   START     the model to start from: a ColBERT folder, or an encoder
#   PAIRS     JSON lines {"question", "answer"}
#   HELD_OUT  so many of them, the last ones, are for the evaluator: 1000
#   --NAME    arguments of the training that overrule train.yaml
set -euo pipefail
maxsimd=$1 start=$2 pairs=$3 held_out=${4:-1000}
here=$(cd "$(dirname "$0")" && pwd)

mine() { # PAIRS OUT OPTIONS...
  if [ -s "$2" ]; then return; fi
  "$maxsimd" mine "$start" --dataset "$1" --out "$2" --precision bf16 --negatives 1 "${@:3}"
}

# The last pairs are for the triplet evaluator. What the start model is sure of would tell
# nothing there: its negatives are any of the first five, whatever they score.
head -n -"$held_out" "$pairs" > training_pairs.jsonl
tail -n "$held_out" "$pairs" > heldout_pairs.jsonl
mine training_pairs.jsonl triplets.jsonl --kind plaid --rank-min 3 --rank-max 50 --max-score-ratio 0.95
mine heldout_pairs.jsonl heldout.jsonl --rank-min 1 --rank-max 5 --sampling random
"$maxsimd" train --config "$here/train.yaml" --model "$start" --resume_from_checkpoint "${@:5}"

# In half precision, for documents of up to 300 tokens, with what only people know on its card.
rm -rf run/mini
"$maxsimd" convert run/final run/mini --dtype f16 --drop-pooler --document-length 300
python3 "$here/describe.py" run/run.json
"$maxsimd" card run

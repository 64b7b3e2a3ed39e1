#!/usr/bin/env bash
# Trains the model that maxsimd carries (models/mini) from pairs of questions and answers:
# hard negatives, training, card. Works in the current folder and leaves run/mini there.
#
#   examples/train_mini/run.sh MAXSIMD START PAIRS
#
#   MAXSIMD   the program, with maxsimd-train beside it
#   START     the model to start from: a ColBERT folder, or an encoder
#   PAIRS     JSON lines {"question", "answer"}
set -euo pipefail
maxsimd=$1 start=$2 pairs=$3
here=$(cd "$(dirname "$0")" && pwd)

if [ ! -s mined.jsonl ]; then
  "$maxsimd" mine "$start" --dataset "$pairs" --kind plaid --precision bf16 --negatives 1 \
    --rank-min 3 --rank-max 50 --max-score-ratio 0.95 --out mined.jsonl
fi
# The last 500 are for the triplet evaluator.
head -n -500 mined.jsonl > triplets.jsonl
tail -n 500 mined.jsonl > heldout.jsonl
"$maxsimd" train --config "$here/train.yaml" --model "$start" --resume_from_checkpoint

# In half precision, for documents of up to 300 tokens, with what only people know on its card.
rm -rf run/mini
"$maxsimd" convert run/final run/mini --dtype f16 --drop-pooler --document-length 300
python3 "$here/describe.py" run/run.json
"$maxsimd" card run

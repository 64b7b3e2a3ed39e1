#!/usr/bin/env python3
"""Makes maxsimd/training/testdata/shards.json: which batches each process of a run takes, by accelerate's sampler.

    python3 scripts/goldens/training_shards.py > maxsimd/training/testdata/shards.json

Needs: accelerate 1.15.0, torch 2.11.
"""
import json
import sys

from accelerate.data_loader import BatchSamplerShard
from torch.utils.data import BatchSampler, SequentialSampler


def case(rows, batch_size, processes):
    """As sentence-transformers has it with several processes: drop_last, and no batches made up."""
    shards = [BatchSamplerShard(BatchSampler(SequentialSampler(range(rows)), batch_size, drop_last=True), processes,
                                rank, even_batches=False) for rank in range(processes)]
    return {"rows": rows, "batch_size": batch_size, "lengths": [len(s) for s in shards],
            "batches": [list(s) for s in shards]}


cases = [case(rows, batch_size, processes)
         for rows in (1, 3, 7, 8, 12, 13, 17, 24) for batch_size in (1, 3, 4)
         for processes in (2, 3, 4)]
json.dump({"cases": cases}, sys.stdout, separators=(",", ":"))
print()

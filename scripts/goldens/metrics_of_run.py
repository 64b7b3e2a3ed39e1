#!/usr/bin/env python3
"""What ir-measures says about a TREC run file, to compare with `maxsimd evaluate --run RUN --json`.

    python3 scripts/goldens/metrics_of_run.py QRELS RUN [MEASURE ...]

QRELS is TREC (four columns) or BEIR (three, TAB). Needs: ir-measures 0.4.3. Prints one JSON object.
The run is taken as written: trec_eval orders it by score, and equal scores by document id.
"""
import json
import sys

import ir_measures

MEASURES = ["nDCG@10", "Recall@100", "MAP@100", "MRR@10", "P@10", "Success@5"]


def read_qrels(path):
    with open(path, encoding="utf-8-sig") as lines:
        for line in lines:
            columns = line.rstrip("\r\n").split("\t") if line.count("\t") == 2 else line.split()
            if columns and columns[-1] != "score":
                yield ir_measures.Qrel(columns[0], columns[-2], int(columns[-1]))


def main():
    qrels = list(read_qrels(sys.argv[1]))
    run = list(ir_measures.read_trec_run(sys.argv[2]))
    measures = {name: ir_measures.parse_measure(name) for name in sys.argv[3:] or MEASURES}
    values = ir_measures.calc_aggregate(list(measures.values()), qrels, run)
    print(json.dumps({name: values[measure] for name, measure in measures.items()}))


if __name__ == "__main__":
    main()

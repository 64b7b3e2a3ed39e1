#!/usr/bin/env python3
"""Verdicts of the safetensors library on small files, sound and broken, as golden lines.

    python3 scripts/goldens/checkpoint_safetensors.py > maxsimd/checkpoint/safetensors_verdicts.tsv
    python3 scripts/goldens/checkpoint_safetensors.py --count 20000 --seed 7   # a larger check

Each line: "accept" or "refuse", the file in hex, and for accepted files the tensors as
name:dtype:shape:hex of the bytes, sorted, joined by ";". Needs: safetensors 0.8.0.
"""

import argparse
import json
import random
import struct

from safetensors import SafetensorError, deserialize

SEED = 20260101
DTYPES = {
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
    "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}


def file_of(header, data, length=None):
    text = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def sound_file(rng):
    entries, data = {}, b""
    if rng.random() < 0.3:
        entries["__metadata__"] = {"format": "pt"}
    for i in range(rng.randrange(4)):
        dtype = rng.choice(list(DTYPES))
        shape = [rng.randrange(4) for _ in range(rng.randrange(3))]
        bits = DTYPES[dtype]
        for extent in shape:
            bits *= extent
        size = (bits + 7) // 8
        entries[f"t{i}"] = {"dtype": dtype, "shape": shape,
                            "data_offsets": [len(data), len(data) + size]}
        data += rng.randbytes(size)
    return entries, data


def swap_json(text, rng):
    """Replaces one piece of the JSON by another."""
    pieces = ["0", "1", "4", "-1", "1.0", "1e2", "null", "true", "[]", "{}", "[0,4]", '"F32"', '"a"',
              "18446744073709551615", "18446744073709551616", "4611686018427387904", ",", ":", "}",
              "]", "[", "{", " ", "\n", "\\", '"', "\x00", '"extra":[{"x":[1,2.5,null]}]',
              '"dtype":"I8"', '"shape":[2]', '"\\u0041"', '"\\ud800"']
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(pieces) + text[min(len(text), at + rng.randrange(4)):]


def random_file(rng):
    entries, data = sound_file(rng)
    text = json.dumps(entries, separators=(",", ":"))
    kind = rng.randrange(6)
    if kind == 1:
        for _ in range(rng.randrange(1, 3)):
            text = swap_json(text, rng)
    elif kind == 2:
        data = data[: rng.randrange(len(data) + 1)] + rng.randbytes(rng.randrange(3))
    elif kind == 3:
        return file_of(text, data, rng.choice([0, 1, len(text) - 1, len(text) + 1, 2**63, 10**8]))
    elif kind == 4 and entries:
        entry = entries[rng.choice(list(entries))]
        key = rng.choice(["dtype", "shape", "data_offsets", "other"])
        entry[key] = rng.choice([[0, 4], [4, 0], [1, 5], [0], [0, 1, 2], [], "F32", "f32", {}, None,
                                 [2**63, 2**63], [2**62, 2**62], 3, [[0, 4]], ["0", "4"], True])
        text = json.dumps(entries)
    elif kind == 5:
        raw = bytearray(file_of(text, data))
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        return bytes(raw)
    return file_of(text, data)


def verdict(raw):
    try:
        tensors = deserialize(raw)
    except SafetensorError:
        return ["refuse", raw.hex(), ""]
    described = sorted(
        f"{name}:{info['dtype']}:{','.join(map(str, info['shape']))}:{bytes(info['data']).hex()}"
        for name, info in tensors)
    return ["accept", raw.hex(), ";".join(described)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=SEED)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    for _ in range(args.count):
        print("\t".join(verdict(random_file(rng))))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes maxsimd/hyperparameters/testdata/python_str.json: Python's str() of values of the kinds that hyperparameters have.

    python3 scripts/goldens/python_str.py > maxsimd/hyperparameters/testdata/python_str.json

A list of [value as JSON, str(value)]. Any Python 3.
"""
import json
import random
import struct
import sys

FIXED = [None, True, False, 0, -1, 42, 9223372036854775807, -9223372036854775808, 0.0, -0.0, 1.0, 3e-6, 5e-05, 1e-08, 0.1,
         0.0001, 0.00001234, 1e15, 1e16, 123456789012345680.0, 1.5e300, 5e-324, 1.7976931348623157e308, 0.30000000000000004,
         100.0, 1234.5, 9999999999999998.0, "", "plain", "it's", 'say "hi"', "both ' and \"", "a\\b", "line\nbreak\ttab\rend",
         "\x01\x7f", "naïve 日本", [], {}, ["a"], ["it's"], [1, 2.0, None, True, ["x"]], {"a": 1}, {"a": {"b": [1e-7]}, "c": None},
         ["line\nbreak", "\x01", "\\", "日本"], {"min_num_params": 0, "xla": False}, {"it's": "a\"b'c"}]


def main():
    rng = random.Random(20260302)
    values = list(FIXED)
    while len(values) < 400:
        number = struct.unpack("<d", rng.randbytes(8))[0]
        if number == number and abs(number) != float("inf"):
            values.append(number)
        values.append(round(rng.uniform(-1000, 1000), rng.randrange(6)))
        values.append(10.0 ** rng.randrange(-8, 22) * rng.randrange(1, 1000))
    json.dump([[value, str(value)] for value in values], sys.stdout, indent=0)
    print()


main()

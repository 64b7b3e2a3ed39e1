#!/usr/bin/env python3
"""The public names of PyLate 1.6 and the arguments they take -> python/tests/testdata/pylate_names.json,
which the package's tests go through (python/tests/test_names.py).

    python3 scripts/goldens/python_names_pylate.py

needs pylate 1.6.0 with its extras.
"""
import importlib
import inspect
import json
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
MODULES = ("evaluation", "hf_hub", "indexes", "losses", "models", "rank", "retrieve", "scores", "utils")


def arguments_of(value):
    """Names in order, without self, or None where there are none to compare."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    return [parameter.name for parameter in parameters
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            and parameter.name not in ("self", "cls")]


def methods_of(kind):
    """Public methods and properties that PyLate itself defines, whichever class has them."""
    found = {}
    for base in reversed(kind.__mro__):
        if not base.__module__.startswith("pylate"):
            continue
        for name in vars(base):
            if name.startswith("_") and name != "__call__":
                continue
            value = getattr(kind, name)
            if callable(value) or isinstance(value, property):
                found[name] = None if isinstance(value, property) else arguments_of(value)
    return found


names = {}
for module_name in MODULES:
    module = importlib.import_module(f"pylate.{module_name}")
    for name in module.__all__:
        value = getattr(module, name)
        path = f"{module_name}.{name}"
        if inspect.isclass(value):
            names[path] = arguments_of(value)
            if not issubclass(value, dict):
                names |= {f"{path}.{inner}": given for inner, given in methods_of(value).items()}
        else:
            names[path] = arguments_of(value) if callable(value) else None

out = ROOT / "python" / "tests" / "testdata" / "pylate_names.json"
out.write_text(json.dumps(names, indent=1) + "\n")
print(out, len(names), "names")

"""Every public name of PyLate 1.6 is here with its arguments, or in the table of docs/python.md that
says what is missing and why. The names are in testdata/pylate_names.json
(scripts/goldens/python_names_pylate.py)."""
import importlib
import inspect
import json
import pathlib
import re
import unittest

import maxsimd

HERE = pathlib.Path(__file__).parent
NAMES = json.loads((HERE / "testdata" / "pylate_names.json").read_text())
PAGE = (HERE.parents[1] / "docs" / "python.md").read_text(encoding="utf-8")
HEADING = "## Missing from PyLate 1.6"

# Of Python's Enum and of sentence-transformers' dataclass, not of PyLate.
FOREIGN = {"scores.SimilarityFunction": ["value", "names", "module", "qualname", "type", "start", "boundary"],
           "utils.ColBERTCollator": ["router_mapping", "include_prompt_lengths", "all_special_ids",
                                     "_prompt_length_mapping", "_warned_columns"]}


def missing():
    """{name: reason}; a name stands for all that is in it."""
    table = PAGE.split(HEADING)[1].split("\n## ")[0]
    found = {}
    for row in re.findall(r"^\| (`.*?) \| (.*?) \|$", table, re.MULTILINE):
        for name in re.findall(r"`([\w.]+)`", row[0]):
            found[name] = row[1]
    return found


def find(path):
    module, *parts = path.split(".")
    value = importlib.import_module(f"maxsimd.{module}")
    for part in parts:
        value = getattr(value, part)
    return value


def takes(value, names):
    """The arguments among `names` that are not taken, and whether the others are in that order."""
    parameters = inspect.signature(value).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return [], True
    own = [name for name in parameters if name in names]
    return [name for name in names if name not in parameters], own == [n for n in names if n in own]


class Names(unittest.TestCase):
    def test_every_name_is_there_or_its_lack_is_explained(self):
        table = missing()
        excused = [name for name in NAMES
                   if any(name == row or name.startswith(row + ".") for row in table)]
        for name, arguments in NAMES.items():
            if name in excused:
                continue
            with self.subTest(name):
                value = find(name)
                if arguments is None:
                    continue
                lacking, ordered = takes(value, [argument for argument in arguments
                                                 if argument not in FOREIGN.get(name, ())])
                self.assertEqual(lacking, [])
                self.assertTrue(ordered, inspect.signature(value))
        self.assertGreater(len(NAMES) - len(excused), 50)

    def test_all_that_is_public_says_what_it_is(self):
        silent, counted = [], 0
        for module in (getattr(maxsimd, name) for name in maxsimd._MODULES):
            for name in module.__all__:
                value = getattr(module, name)
                inner = [] if not inspect.isclass(value) else [
                    (member, function) for member, function in inspect.getmembers(value, callable)
                    if not member.startswith("_") and
                    (getattr(function, "__module__", None) or "").startswith("maxsimd.")]
                for path, found in [(name, value), *inner]:
                    counted += 1
                    if not inspect.getdoc(found):
                        silent.append(f"{module.__name__}.{name}: {path}")
        self.assertEqual(silent, [])
        self.assertGreater(counted, 100)

    def test_the_table_has_no_name_that_is_there_or_never_was(self):
        for name, reason in missing().items():
            with self.subTest(name):
                self.assertTrue(any(other == name or other.startswith(name + ".")
                                    for other in NAMES))
                with self.assertRaises((AttributeError, ImportError)):
                    find(name)
                self.assertGreater(len(reason), 10)


if __name__ == "__main__":
    unittest.main()

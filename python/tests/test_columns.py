"""Texts, ids and rows from pandas, Arrow and datasets, and Parquet files. Each part is skipped, aloud,
where its package is not installed."""
import datetime
import decimal
import importlib.util
import json
import pathlib
import tempfile
import unittest
from unittest import mock

import numpy as np
from maxsimd import evaluation, indexes, models, retrieve, utils
from maxsimd.training.data import dataset_files

TEXTS = ["Owls hunt mice.", "The moon is far away, and cold.", "Bread is made of flour – 東京."]
ROWS = [{"query": text.lower(), "positive": text, "scores": [0.5, float(i)], "n": i}
        for i, text in enumerate(TEXTS)]


def needs(package):
    return unittest.skipUnless(importlib.util.find_spec(package), f"NOT TESTED: no {package}")


class Columns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = models.ColBERT("mini", num_threads=1)
        cls.expected = cls.model.encode(TEXTS, is_query=False)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check(self, column, ids):
        """As texts and as ids."""
        got = self.model.encode(column, is_query=False)
        self.assertEqual(len(got), len(TEXTS))
        for one, other in zip(got, self.expected):
            np.testing.assert_array_equal(one, other)
        index = indexes.Exact(str(self.folder), override=True)
        index.add_documents(ids, got)
        self.assertEqual(index.documents_ids, [0, 1, 2])
        self.assertEqual(retrieve.ColBERT(index).retrieve(got[1:2], k=1)[0][0]["id"], 1)

    def check_rows(self, dataset):
        path = pathlib.Path(dataset_files("train_dataset", dataset, self.folder / "data", "train"))
        self.assertEqual([json.loads(line) for line in path.read_text().splitlines()], ROWS)

    def test_numpy(self):
        self.check(np.array(TEXTS), np.arange(3))

    @needs("pandas")
    def test_pandas(self):
        import pandas

        frame = pandas.DataFrame(ROWS)
        self.check(frame["positive"], frame["n"])
        self.check(frame["positive"][::-1][::-1], frame["n"].tolist())
        self.check_rows(frame)
        with self.assertRaisesRegex(TypeError, "item 1 is no text"):
            self.model.encode(pandas.Series(["a", None, "b"]))
        with self.assertRaisesRegex(TypeError, "item 1 is no text: <NA>"):
            self.model.encode(pandas.Series(["a", pandas.NA], dtype="string"))
        with self.assertRaisesRegex(TypeError, "got DataFrame"):
            self.model.encode(frame)
        holes = pandas.DataFrame({"a": ["x", float("nan")], "day": [pandas.Timestamp("2020-01-02"),
                                                                    pandas.NaT]})
        path = pathlib.Path(dataset_files("train_dataset", holes, self.folder / "data", "holes"))
        self.assertEqual([json.loads(line) for line in path.read_text().splitlines()],
                         [{"a": "x", "day": "2020-01-02T00:00:00"}, {"a": None, "day": None}])

    @needs("pyarrow")
    def test_arrow(self):
        import pyarrow

        table = pyarrow.Table.from_pylist(ROWS)
        self.check(table["positive"], table["n"])
        self.check(table["positive"].chunk(0), table["n"].chunk(0))
        self.check_rows(table)
        names = indexes.Exact(str(self.folder), "names").add_documents(
            pyarrow.array(["a", "b", "c"]), self.expected)
        names.remove_documents(pyarrow.chunked_array([["c"]]))
        self.assertEqual(names.documents_ids, ["a", "b"])
        evaluator = evaluation.ColBERTTripletEvaluator(*[table["positive"]] * 3)
        self.assertEqual(evaluator.anchors, TEXTS)
        vectors = pyarrow.array([item.tolist() for item in self.expected])
        same = indexes.Exact(str(self.folder), "vectors").add_documents(table["n"], vectors)
        np.testing.assert_array_equal(same.get_documents_embeddings([[1]])[0][0], self.expected[1])
        with self.assertRaisesRegex(TypeError, "got Table"):
            self.model.encode(table)
        with self.assertRaisesRegex(TypeError, "item 1 is no text"):
            self.model.encode(pyarrow.array(["a", None, "b"]))

    @needs("datasets")
    def test_datasets(self):
        import datasets

        data = datasets.Dataset.from_list(ROWS)
        self.check(data["positive"], data["n"])
        self.check(data[:]["positive"], data[:]["n"])
        self.check_rows(data)

    @needs("pyarrow")
    def test_parquet(self):
        import pyarrow.parquet

        source = self.folder / "rows.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), source)
        path = utils.parquet_to_json_lines(source)
        self.assertEqual(path, self.folder / "rows.jsonl")
        self.assertEqual([json.loads(line) for line in path.read_text().splitlines()], ROWS)
        self.assertEqual(utils.parquet_to_json_lines(source, self.folder / "a" / "b.jsonl").read_bytes(),
                         path.read_bytes())
        self.check_rows(source)
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(
            [{"day": datetime.date(2020, 1, 2), "price": decimal.Decimal("1.5"), "x": float("nan")}]),
            source)
        path = utils.parquet_to_json_lines(source)
        self.assertEqual(json.loads(path.read_text()), {"day": "2020-01-02", "price": 1.5, "x": None})
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([{"image": b"ab"}]), source)
        with self.assertRaisesRegex(TypeError, "type bytes has no form in JSON"):
            utils.parquet_to_json_lines(source)
        (self.folder / "broken.parquet").write_bytes(b"PAR1 no more")
        with self.assertRaises(Exception):
            utils.parquet_to_json_lines(self.folder / "broken.parquet")
        self.assertFalse([path for path in self.folder.iterdir() if "broken.jsonl" in path.name])

    def test_parquet_without_pyarrow(self):
        with mock.patch.dict("sys.modules", {"pyarrow": None, "pyarrow.parquet": None}):
            with self.assertRaisesRegex(ImportError, "install pyarrow"):
                utils.parquet_to_json_lines(self.folder / "rows.parquet")


if __name__ == "__main__":
    unittest.main()

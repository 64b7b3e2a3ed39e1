"""Model folders of other layouts and encoders, as Python loads them. The folders and what their
vectors should be are those of the library's tests."""
import json
import pathlib
import unittest

import numpy as np
from maxsimd import models, rank

TESTDATA = pathlib.Path(__file__).parents[2] / "maxsimd" / "colbert" / "testdata"


def tensors_of(path):
    """The float32 tensors of a safetensors file."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(content[8 + length :], np.float32, offset=entry["data_offsets"][0],
                                count=int(np.prod(entry["shape"]))).reshape(entry["shape"])
            for name, entry in header.items()}


class Formats(unittest.TestCase):
    def assert_rows(self, got, expected):
        self.assertEqual([item.shape for item in got], [np.shape(item) for item in expected])
        for one, other in zip(got, expected):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)

    def test_modernbert(self):
        folder = TESTDATA / "modernbert"
        model = models.ColBERT(str(folder))
        texts = json.loads((folder / "texts.json").read_text())
        pylates = tensors_of(folder / "embeddings.safetensors")
        for kind, is_query in (("query", True), ("document", False)):
            expected = [pylates[f"{kind}.{i}"] for i in range(len(texts))]
            self.assert_rows(model.encode(texts, is_query=is_query), expected)
        query = model.encode(texts[0])
        documents = model.encode(texts[1:4], is_query=False)
        best = rank.rerank([["a", "b", "c"]], query, [documents])[0][0]
        values = [float((query @ document.T).max(1).sum()) for document in documents]
        self.assertEqual(best["id"], "abc"[int(np.argmax(values))])

    def test_multi_vector_encoder(self):
        folder = TESTDATA / "multi_vector_encoder"
        model = models.ColBERT(str(folder))
        cases = json.loads((folder / "cases.json").read_text())
        case = next(case for case in cases["cases"] if all(
            json.loads((folder / name).read_text()) == json.loads(text)
            for name, text in case["files"].items()))
        self.assert_rows(model.encode(cases["query_texts"]), case["queries"])
        self.assert_rows(model.encode(cases["document_texts"], is_query=False), case["documents"])


if __name__ == "__main__":
    unittest.main()

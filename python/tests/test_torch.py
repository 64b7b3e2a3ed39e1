"""Beside PyTorch: tensors in, tensors out, and importing it before or after changes nothing.

Skipped, aloud, where torch is not installed.
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

import numpy as np
from maxsimd import indexes, models, rank, retrieve, scores, utils

HAS_TORCH = importlib.util.find_spec("torch") is not None
TEXTS = ["Owls hunt mice.", "The moon is far away, and cold.", "Bread is made of flour."]


@unittest.skipUnless(HAS_TORCH, "NOT TESTED: torch is not installed")
class Tensors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = models.ColBERT("mini", num_threads=1)
        cls.queries = cls.model.encode(["what do owls eat?", "bread"])
        cls.documents = cls.model.encode(TEXTS, is_query=False)

    def tensors(self, arrays, **options):
        import torch

        return [torch.tensor(array, **options) for array in arrays]

    def test_encode_gives_tensors_over_the_same_memory(self):
        import torch

        for options in ({"convert_to_tensor": True}, {"convert_to_numpy": False}):
            got = self.model.encode(TEXTS, is_query=False, **options)
            self.assertTrue(all(isinstance(item, torch.Tensor) for item in got))
            for tensor, array in zip(got, self.documents):
                self.assertEqual(tensor.dtype, torch.float32)
                np.testing.assert_array_equal(tensor.numpy(), array)
        single = self.model.encode("bread", convert_to_tensor=True)
        self.assertIsInstance(single, torch.Tensor)
        nested = self.model.encode([["a b", "b a"], ["bread", "moon"]], convert_to_tensor=True)
        self.assertEqual([tuple(group.shape) for group in nested], [(2, 32, 96)] * 2)
        rows = self.model.encode(TEXTS, is_query=False, convert_to_tensor=True, output_value=None)
        for i, mask in enumerate(rows["masks"]):
            self.assertEqual(mask.dtype, torch.bool)
            np.testing.assert_array_equal(rows["token_embeddings"][i][mask].numpy(),
                                          self.documents[i])

    def test_scores_of_tensors_are_tensors(self):
        import torch

        expected = scores.colbert_scores(self.queries, self.documents)
        got = scores.colbert_scores(self.tensors(self.queries), self.tensors(self.documents))
        self.assertIsInstance(got, torch.Tensor)
        np.testing.assert_array_equal(got.numpy(), expected)
        for kind in (torch.float64, torch.float16, torch.bfloat16):
            with self.subTest(kind):
                close = scores.colbert_scores(self.tensors(self.queries, dtype=kind),
                                              self.tensors(self.documents, dtype=kind))
                self.assertEqual(close.dtype, kind)
                np.testing.assert_allclose(close.float().numpy(), expected, rtol=0.02)
        halves, doubles = (self.tensors(self.documents, dtype=kind) for kind in (torch.float16, torch.float64))
        self.assertEqual(scores.colbert_scores_pairwise(halves, doubles).dtype, torch.float64)
        whole = [torch.ones(2, 4, dtype=torch.int64)]
        self.assertEqual(scores.colbert_scores(whole, whole).dtype, torch.float32)
        stacked = torch.tensor(np.stack(self.queries)).half()
        for compute, documents in ((scores.colbert_kd_scores, stacked[:, None]),
                                   (scores.ColBERTScores(), stacked[:, None]),
                                   (scores.XTRScores(k=3), stacked[:, None])):
            self.assertEqual(compute(stacked, documents).dtype, torch.float16)

    def test_a_gradient_does_not_end_unsaid(self):
        import torch

        plain, graded = torch.randn(2, 3, 4), torch.randn(2, 3, 4, requires_grad=True)
        calls = {scores.colbert_scores: lambda x: x, scores.colbert_scores_pairwise: list,
                 scores.colbert_kd_scores: lambda x: x[:, None], scores.ColBERTScores(): lambda x: x[:, None],
                 scores.XTRScores(k=2): lambda x: x[:, None], scores.XTRKDScores(k=2): lambda x: x[:, None]}
        for compute, shaped in calls.items():
            with self.subTest(compute):
                with self.assertRaisesRegex(ValueError, "queries_embeddings: requires a gradient.*detach"):
                    compute(graded, shaped(plain))
                with self.assertRaisesRegex(ValueError, "documents_embeddings: requires a gradient.*no_grad"):
                    compute(plain, shaped(graded))
                with torch.no_grad():
                    expected = compute(graded, shaped(graded))
                got = compute(graded.detach(), shaped(graded.detach()))
                self.assertFalse(got.requires_grad)
                np.testing.assert_array_equal(got.numpy(), expected.numpy())

    def test_tensors_that_need_gradients_strides_and_views(self):
        import torch

        expected = scores.colbert_scores(self.queries, self.documents)
        graded = self.tensors(self.documents, requires_grad=True)
        with torch.no_grad():
            np.testing.assert_array_equal(
                np.asarray(scores.colbert_scores(self.queries, graded)), expected)
        turned = [tensor.T.contiguous().T for tensor in self.tensors(self.documents)]
        self.assertFalse(turned[0].is_contiguous())
        np.testing.assert_array_equal(
            np.asarray(scores.colbert_scores(self.queries, turned)), expected)

    def test_the_device_is_pytorchs(self):
        import torch

        self.assertTrue(self.model.device == torch.device("cpu") == self.model.device)
        self.assertTrue(self.model.device != torch.device("meta"))
        self.assertEqual(torch.zeros(1).to(self.model.device).device, self.model.device)

    def test_masks_are_tensors(self):
        import torch

        queries = torch.tensor(np.stack(self.queries))
        documents = utils.convert_to_tensor(self.model.encode(
            TEXTS, is_query=False, padding=True, convert_to_tensor=True)).reshape(3, -1, 96)
        self.assertIsInstance(documents, torch.Tensor)
        mask = (documents.abs().sum(-1) > 0).float()
        got = scores.colbert_scores(queries, documents, documents_mask=mask)
        by_torch = torch.einsum("ash,bth->abst", queries, documents) * mask[None, :, None]
        np.testing.assert_allclose(got.numpy(), by_torch.max(-1).values.sum(-1).numpy(), rtol=1e-5)

    def test_rerank_and_index(self):
        expected = rank.rerank([["a", "b", "c"]], self.queries[:1], [self.documents])
        got = rank.rerank([["a", "b", "c"]], self.tensors(self.queries[:1]),
                          [self.tensors(self.documents)])
        self.assertEqual(got, expected)
        for kind in (indexes.Exact, indexes.PLAID, indexes.Voyager):
            with self.subTest(kind.__name__), tempfile.TemporaryDirectory() as folder:
                index = kind(folder, "index").add_documents(
                    ["a", "b", "c"], self.tensors(self.documents))
                by_tensors = retrieve.ColBERT(index).retrieve(self.tensors(self.queries), k=2)
                self.assertEqual(by_tensors, retrieve.ColBERT(index).retrieve(self.queries, k=2))
                self.assertEqual([hits[0]["id"] for hits in by_tensors], ["a", "c"])


WORK = """
import hashlib, json, sys
import numpy as np
{first}
from maxsimd import models, rank
{second}
model = models.ColBERT("mini", num_threads=2)
items = model.encode(["owls eat mice " * n for n in range(1, 40)], is_query=False)
digest = hashlib.sha256(b"".join(item.tobytes() for item in items)).hexdigest()
if "torch" in sys.modules:
    product = float((torch.ones(300, 300) @ torch.ones(300, 300)).sum())
    assert product == 300.0 ** 3, product
print(json.dumps([digest, rank.rerank([[1, 2]], items[:1], [items[1:3]])]))
"""


@unittest.skipUnless(HAS_TORCH, "NOT TESTED: torch is not installed")
class Importing(unittest.TestCase):
    def run_work(self, first="", second=""):
        code = textwrap.dedent(WORK).format(first=first, second=second)
        done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def test_torch_before_or_after_changes_nothing(self):
        expected = self.run_work()
        self.assertEqual(self.run_work(first="import torch"), expected)
        self.assertEqual(self.run_work(second="import torch"), expected)

    def test_it_is_not_imported_unless_tensors_are_asked_for(self):
        code = ("import sys; from maxsimd import models, scores; m = models.ColBERT('mini'); "
                "scores.colbert_scores(m.encode(['a']), m.encode(['b'])); "
                "print('torch' in sys.modules)")
        done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (0, "False\n"), done.stderr)

    def test_a_script_for_pylate_may_compile_and_convert_its_model(self):
        script = textwrap.dedent("""
            {first}
            from pylate import models
            import torch
            model = torch.compile(models.ColBERT("mini"))
            model = model.to(torch.float16).half().eval().to(torch.device("cpu"))
            print(model.encode("owls").shape, torch.compile(lambda: 7, backend="eager")())
            """)
        for first in ("", "import torch"):
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "script.py"
                path.write_text(script.format(first=first))
                done = subprocess.run([sys.executable, "-m", "maxsimd.as_pylate", str(path)],
                                      text=True, capture_output=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "(32, 96) 7\n", ""))


if __name__ == "__main__":
    unittest.main()

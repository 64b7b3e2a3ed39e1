"""Every public call refuses an argument of a wrong kind with a TypeError or a ValueError in words of its
own, or has a use for it: never with what happened somewhere inside."""
import inspect
import os
import pathlib
import re
import tempfile
import unittest
import warnings

import numpy as np
from maxsimd import evaluation, indexes, losses, models, rank, retrieve, scores, training, utils

ITEM = np.ones((3, 4), np.float32)
STACK = ITEM[None, None]
WRONG = (None, 5, 2.5, "x", b"x", [], {}, [None], ["a"], [[]], {"a": 1}, object(), 2**70)

# What Python, NumPy and nanobind say of their own arguments.
INNER = re.compile(r"incompatible function arguments|has no attribute|object is not|object cannot be|argument must|"
                   r"must be str|must be (a |an )?(str|integer|string|real)|unsupported operand|unhashable|"
                   r"not supported between|indices must|could not convert|could not be broadcast|"
                   r"cannot convert|not iterable|not subscriptable|\bstoll\b|expected str, bytes|"
                   r"invalid literal|should be a str|too large to convert")

NAMED = re.compile(r"[\w\[\]' ]+: (expected|item|a score)")  # what follows may be another's words


def tables():
    return {"query_id": [1], "text": ["a"]}, {"document_id": [5], "text": ["b"]}


class WrongKinds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = models.ColBERT("mini", num_threads=1)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(folder.name)  # where files are written whose names are taken
        warnings_off = warnings.catch_warnings()
        warnings_off.__enter__()
        self.addCleanup(warnings_off.__exit__, None, None, None)
        warnings.simplefilter("ignore")

    def try_each(self, calls, kinds=WRONG):
        """calls: (function, arguments that are right); each argument is put wrong in its turn."""
        for function, right in calls:
            name = getattr(function, "__qualname__", repr(function))
            for parameter in inspect.signature(function).parameters.values():
                if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                    continue
                for value in kinds:
                    with self.subTest(f"{name}({parameter.name}={value!r:.30})"):
                        self.try_one(function, {**right, parameter.name: value})

    def try_one(self, function, arguments):
        try:
            result = function(**arguments)
            if inspect.isgenerator(result):
                list(result)
        except (OSError, ImportError, NotImplementedError):  # no such file; no torch; subset of XTR
            pass
        except (TypeError, ValueError) as error:
            if not NAMED.match(str(error)) and INNER.search(str(error)):
                self.fail(f"{type(error).__name__}: {error}")

    def test_models(self):
        model = self.model
        self.try_each([
            (model.encode, {"sentences": "a", "show_progress_bar": False}), (model.tokenize, {"texts": ["a"]}),
            (model.describe_rows, {"text": "a"}), (model.evaluate, {"evaluator": lambda model, path: 1}),
            (model.similarity, {"queries_embeddings": [ITEM], "documents_embeddings": [ITEM]}),
            (model.similarity_pairwise, {"queries_embeddings": [ITEM], "documents_embeddings": [ITEM]}),
            (model.insert_prefix_token, {"input_ids": [[1, 2]], "prefix_id": 5}),
            (model.skiplist_mask, {"input_ids": [[1, 2]], "skiplist": [5]}),
            (model.pool_embeddings_hierarchical, {"documents_embeddings": [ITEM]}),
            (model.encode_multi_process, {"sentences": ["a"], "pool": None})])
        self.try_each([(model.save_pretrained, {"path": "saved"})], (5, b"x", [], {}, object()))
        self.try_each([(models.ColBERT, {"model_name_or_path": "no/folder", "local_files_only": True})], (5, [], object()))

    def test_attributes_of_models(self):
        for name in ("query_length", "document_length", "query_prefix", "document_prefix", "do_query_expansion",
                     "attend_to_expansion_tokens", "skiplist_words", "prompts", "default_prompt_name",
                     "similarity_fn_name"):
            before = getattr(self.model, name)
            for value in (5.5, b"x", [5.5, None], object()):
                with self.subTest(f"{name} = {value!r:.30}"), self.assertRaises((TypeError, ValueError)) as caught:
                    setattr(self.model, name, value)
                self.assertNotRegex(str(caught.exception), INNER)
                self.assertEqual(getattr(self.model, name), before)

    def test_indexes(self):
        for kind in (indexes.Exact, indexes.PLAID, indexes.Voyager):
            self.try_each([(kind, {"index_folder": "new", "index_name": "n"})], (5, 2.5, "", b"x", [], object()))
        exact, voyager = indexes.Exact("i", "exact"), indexes.Voyager("i", "voyager")
        for index in (exact, voyager):
            index.add_documents(["1"], [ITEM])
            self.try_each([(index.__call__, {"queries_embeddings": [ITEM]}),
                           (retrieve.ColBERT(index).retrieve, {"queries_embeddings": [ITEM]}),
                           (retrieve.XTR(index).retrieve, {"queries_embeddings": [ITEM]})])
        added = {"documents_ids": ["1"], "documents_embeddings": [ITEM]}
        self.try_each([(exact.add_documents, added), (exact.update_documents, added), (exact.compact, {}),
                       (exact.remove_documents, {"documents_ids": ["77"]}), (retrieve.ColBERT, {"index": exact}),
                       (exact.__contains__, {"document_id": "1"}), (retrieve.XTR, {"index": voyager})])
        with self.assertRaisesRegex(KeyError, "7"):  # as a dict
            exact.get_documents_embeddings([["7"]])
        self.try_each([(exact.get_documents_embeddings, {"document_ids": [["1"]]})], (None, 5, b"x", [None], object()))

    def test_scores_and_ranking(self):
        pair = {"queries_embeddings": [ITEM], "documents_embeddings": [ITEM]}
        grouped = {"queries_embeddings": [ITEM], "documents_embeddings": [[ITEM]]}
        stacked = {"queries_embeddings": STACK[0], "documents_embeddings": STACK}
        self.try_each([
            (scores.colbert_scores, pair), (scores.colbert_scores_pairwise, pair), (scores.colbert_kd_scores, grouped),
            (scores.ColBERTScores().__call__, grouped), (scores.XTRScores, {}), (scores.XTRKDScores, {}),
            (scores.XTRScores(1).__call__, stacked), (scores.XTRKDScores(1).__call__, stacked),
            (rank.rerank, {"documents_ids": [["a"]], **grouped}),
            (rank.score_xtr, {"query_doc_ids": [["a"]], "query_scores": [[0.5]], "k": 1}),
            (lambda score: rank.score_xtr([["a"]], [[score]], 1), {}), (lambda ids: rank.score_xtr([ids], [[1.0]], 1), {}),
            (lambda ids: rank.rerank([ids], [ITEM], [[ITEM]]), {}),
            (scores.SimilarityFunction.to_similarity_fn, {"similarity_function": "MaxSim"})])

    def test_evaluation(self):
        hits, qrels = [[{"id": "a", "score": 1.0}]], {"q": {"a": 1}}
        triplets = evaluation.ColBERTTripletEvaluator(["a"], ["b"], ["c"])
        self.try_each([
            (evaluation.evaluate, {"scores": hits, "qrels": qrels, "queries": ["q"]}),
            (lambda hit: evaluation.evaluate([[hit]], qrels, ["q"]), {}),
            (lambda score: evaluation.evaluate([[{"id": "a", "score": score}]], qrels, ["q"]), {}),
            (lambda grade: evaluation.evaluate(hits, {"q": {"a": grade}}, ["q"]), {}),
            (lambda metric: evaluation.evaluate(hits, qrels, ["q"], [metric]), {}),
            (evaluation.get_beir_triples, {"documents": [{"id": "a", "text": "b"}], "queries": {"q": "x"}, "qrels": qrels}),
            (evaluation.load_beir, {"dataset_name": "nope"}), (evaluation.load_custom_dataset, {"path": "nope"}),
            (evaluation.PyLateInformationRetrievalEvaluator,
             {"queries": {"q": "a"}, "corpus": {"d": "b"}, "relevant_docs": {"q": ["d"]}}),
            (lambda ids: evaluation.PyLateInformationRetrievalEvaluator({"q": "a"}, {"d": "b"}, {"q": ids}), {}),
            (evaluation.ColBERTTripletEvaluator, {"anchors": ["a"], "positives": ["b"], "negatives": ["c"]}),
            (evaluation.ColBERTDistillationEvaluator, {"queries": ["a"], "documents": [["b", "c"]], "scores": [[1, 2]]}),
            (evaluation.NanoBEIREvaluator, {})])
        self.try_each([(triplets.__call__, {"model": self.model})], (5, "x", [], object()))

    def test_utils(self):
        processing = utils.KDProcessing(*tables())
        row = {"query_id": 1, "document_ids": [5], "scores": [1.0]}
        rows = {name: [value] for name, value in row.items()}
        collate = utils.ColBERTCollator(self.model.tokenize)
        self.try_each([
            (utils.KDProcessing, dict(zip(("queries", "documents"), tables()))), (processing.map, {"example": row}),
            (processing.transform, {"examples": rows}), (lambda scores: processing.map({**row, "scores": scores}), {}),
            (lambda ids: processing.map({**row, "document_ids": ids}), {}),
            (lambda ids: processing.transform({**rows, "document_ids": ids}), {}),
            (lambda query: processing.map({**row, "query_id": query}), {}),
            (utils.ColBERTCollator, {"tokenize_fn": self.model.tokenize}), (collate, {"features": [{"query": "a"}]}),
            (lambda row: collate([row]), {}), (lambda row: collate([{"query": "a"}, row]), {}),
            (lambda text: collate([{"query": text}]), {}), (lambda label: collate([{"label": label}, {"label": 1}]), {}),
            (lambda text: utils.ColBERTCollator(self.model.tokenize, prompts={"query": text})([{"query": "a"}]), {}),
            (utils.iter_batch, {"X": [1, 2], "batch_size": 1, "tqdm_bar": False}), (utils.convert_to_tensor, {"x": [1.0]}),
            (utils.parquet_to_json_lines, {"source": "nope.parquet"})])

    def test_training(self):
        def configuration(**data):
            arguments = training.TrainingArguments(output_dir="run")
            return training.Trainer(self.model, arguments, **data).configuration(pathlib.Path("run"))

        trainer = training.Trainer(self.model, evaluator=evaluation.ColBERTTripletEvaluator(["a"], ["b"], ["c"]))
        self.try_each([(kind, {"model": self.model}) for kind in (
            losses.Contrastive, losses.CachedContrastive, losses.Distillation, training.Trainer)])
        self.try_each([
            (training.TrainingArguments, {}), (lambda data: configuration(train_dataset=data), {}),
            (lambda row: configuration(train_dataset=[row]), {}), (lambda data: configuration(eval_dataset=data), {}),
            (lambda column: configuration(train_dataset={"query": column, "positive": ["b"]}), {}),
            (lambda callbacks: configuration(callbacks=callbacks), {}), (lambda loss: configuration(loss={"a": loss}), {})])
        self.try_each([(trainer.evaluate, {}), (trainer.save_model, {}), (trainer.train, {})], (5, b"x", [], object()))


class Refused(unittest.TestCase):
    def test_what_no_call_has_a_use_for(self):
        model = models.ColBERT("mini", num_threads=1)
        collate = utils.ColBERTCollator(model.tokenize)
        processing = utils.KDProcessing(*tables())
        retrieval = evaluation.PyLateInformationRetrievalEvaluator
        with tempfile.TemporaryDirectory() as folder:
            voyager = indexes.Voyager(folder).add_documents([1], [ITEM])
            voyager.ef_search = 2**62
            calls = [
                (lambda: model.encode("a", batch_size="x"), TypeError, "batch_size: expected an integer, got 'x'"),
                (lambda: model.encode("a", batch_size=0), ValueError, "batch_size: expected 1 or more, got 0"),
                (lambda: model.encode_multi_process(["a"], None, batch_size=-1), ValueError, "batch_size: .*got -1"),
                (lambda: model.encode("a", padding="no"), TypeError, "padding: expected True or False, got 'no'"),
                (lambda: model.encode("a", convert_to_tensor="no"), TypeError, "convert_to_tensor: expected"),
                (lambda: setattr(model, "prompts", 5), TypeError, "prompts: expected a dict .* got 5"),
                (lambda: model.save_pretrained(""), ValueError, "path: expected a path, got ''"),
                (lambda: indexes.Exact(folder, ""), ValueError, "not an index"),
                (lambda: indexes.Exact(folder, override="no"), TypeError, "override: expected True or False"),
                (lambda: indexes.Exact(folder, "n", embedding_size=""), TypeError, "embedding_size: expected an integer"),
                (lambda: indexes.Voyager(folder, "n", ef_construction=2**62), ValueError, "ef_construction: expected .* or less"),
                (lambda: indexes.Voyager(folder, override=True, ef_search=2**62), ValueError, "ef_search: expected"),
                (lambda: indexes.PLAID(folder, "n", n_ivf_probe="x"), TypeError, "n_ivf_probe: expected an integer"),
                (lambda: indexes.PLAID(folder, "n", ndocs=0), ValueError, "n_full_scores: expected 1 or more"),
                (lambda: voyager([ITEM]), ValueError, "ef_search: expected 4294967295 or less"),
                (lambda: retrieve.ColBERT(voyager).retrieve([ITEM]), ValueError, "ef_search: expected 4294967295 or less"),
                (lambda: retrieve.ColBERT(voyager).retrieve([ITEM], batch_size=0), ValueError, "batch_size: expected 1"),
                (lambda: retrieve.ColBERT(5), TypeError, "index: expected one of maxsimd.indexes, got 5"),
                (lambda: rank.score_xtr([["a"]], [[0.5]], 0), ValueError, "k: expected 1 or more, got 0"),
                (lambda: scores.XTRScores(k=0), ValueError, "k: expected 1 or more, got 0"),
                (lambda: losses.Contrastive(model, temperature=0), ValueError, "temperature: .*above 0.*got 0"),
                (lambda: losses.Contrastive(model, size_average="x"), TypeError, "size_average: expected True or False"),
                (lambda: losses.CachedContrastive(model, mini_batch_size=0), ValueError, "mini_batch_size: .*at least 1"),
                (lambda: losses.Distillation(model, normalize_scores="x"), TypeError, "normalize_scores: expected True"),
                (lambda: losses.Distillation("mini"), TypeError, "model: expected a models.ColBERT, got 'mini'"),
                (lambda: retrieval(["a"], ["b"], {}), TypeError, r"queries: expected a dict .texts by their ids., got \['a'\]"),
                (lambda: retrieval({"q": "a"}, {"d": "b"}, {"q": "d"}), TypeError, "relevant_docs.*expected a list of ids"),
                (lambda: evaluation.ColBERTTripletEvaluator(["a"], ["b"], ["c"])(5), TypeError, "model: expected a models.Col"),
                (lambda: collate([]), ValueError, "features: expected a row or more, got none"),
                (lambda: collate(["a"]), TypeError, "features: row 0: expected a dict .* got 'a'"),
                (lambda: collate([{"query": "a"}, {"other": "b"}]), ValueError, "row 1: .*query; there is no 'query'"),
                (lambda: utils.ColBERTCollator(model.tokenize, 5), TypeError, "valid_label_columns: expected a list"),
                (lambda: processing.map({"query_id": 1, "document_ids": "[5", "scores": [1]}), ValueError,
                 r"document_ids: expected a list, or its text .* got '\[5'"),
                (lambda: processing.map({"query_id": 7, "document_ids": [5], "scores": [1]}), ValueError, "query_id: 7 is none"),
                (lambda: utils.KDProcessing({"text": ["a"]}, tables()[1]), ValueError, "queries: expected the columns 'query_id'"),
                (lambda: list(utils.iter_batch("ab", 0)), ValueError, "batch_size: expected 1"),
            ]
            for call, error, message in calls:
                with self.subTest(message), self.assertRaisesRegex(error, message):
                    call()
            self.assertEqual(voyager.documents_ids, [1])

    def test_ids_that_are_in_no_index_may_be_of_any_size(self):
        with tempfile.TemporaryDirectory() as folder:
            index = indexes.Voyager(folder).add_documents([1], [ITEM])
            with self.assertRaisesRegex(KeyError, str(2**70)):
                index.remove_documents([2**70])
            self.assertNotIn(2**70, index)


class Accepted(unittest.TestCase):
    """What PyLate takes, too, and a check could use up or refuse."""

    def test_what_hands_out_its_items_once(self):
        with tempfile.TemporaryDirectory() as folder:
            index = indexes.Exact(folder, "i")
            index.add_documents(["a", "b"], [ITEM, 2 * ITEM])
            want = index([ITEM], k=2, subset=["a"])
            self.assertEqual([hit["id"] for hit in want[0]], ["a"])
            self.assertEqual(index([ITEM], k=2, subset=(x for x in ["a"])), want)
            self.assertEqual(index([ITEM], k=2, subset=(x for x in [["a"]])), want)
        groups = [[ITEM, ITEM], [2 * ITEM, ITEM]]
        np.testing.assert_array_equal(scores.ColBERTScores()([ITEM], (g for g in groups)),
                                      scores.ColBERTScores()([ITEM], groups))
        want = rank.rerank([["a", "b"]], [ITEM], [[ITEM, 2 * ITEM]])
        self.assertEqual(rank.rerank((ids for ids in [["a", "b"]]), [ITEM], [[ITEM, 2 * ITEM]]), want)
        hits = [[{"id": "d", "score": 1.0}]]
        self.assertEqual(evaluation.evaluate(iter(hits), {"q": {"d": 1}}, ["q"], ["map"]),
                         evaluation.evaluate(hits, {"q": {"d": 1}}, ["q"], ["map"]))
        ids, similarities = [["a", "b"], ["b"]], [[1.0, 0.5], [0.25]]
        self.assertEqual(rank.score_xtr(iter(map(iter, ids)), iter(map(iter, similarities)), 2),
                         rank.score_xtr(ids, similarities, 2))

    def test_none_is_no(self):
        evaluation.ColBERTTripletEvaluator(["a"], ["b"], ["c"], show_progress_bar=None, write_csv=None)
        self.assertEqual(list(utils.iter_batch([1, 2, 3], 2, tqdm_bar=None)), [[1, 2], [3]])
        self.assertFalse(losses.Contrastive(models.ColBERT("mini"), size_average=None)
                         .hyperparameters["size_average"])

    def test_the_folder_we_are_in(self):
        with tempfile.TemporaryDirectory() as folder:
            before = os.getcwd()
            self.addCleanup(os.chdir, before)
            os.chdir(folder)
            indexes.Exact("", "i").add_documents(["a"], [ITEM])
            self.assertTrue(os.path.isdir(os.path.join(folder, "i")))
            os.chdir(before)

    def test_masks_of_other_shapes(self):
        queries, documents = np.ones((2, 3, 4), np.float32), np.ones((2, 5, 3, 4), np.float32)
        score = scores.XTRScores(k=4)
        want = score(queries, documents, np.ones((2, 3)), np.ones((2, 5, 3)))
        np.testing.assert_array_equal(score(queries, documents, np.ones((1, 3)), np.ones((10, 3))), want)
        with self.assertRaisesRegex(ValueError, "queries_mask: expected the shape"):
            score(queries, documents, np.ones((3, 2)))

    def test_ids_keep_their_type(self):
        ids = models.ColBERT.insert_prefix_token(np.array([[1, 2]], np.int32), 5)
        self.assertEqual((ids.dtype, ids.tolist()), (np.int32, [[1, 5, 2]]))


if __name__ == "__main__":
    unittest.main()

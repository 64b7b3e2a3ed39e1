"""models.ColBERT: what it takes, what it gives, and where it may be used."""
import _thread
import inspect
import io
import json
import multiprocessing
import os
import pathlib
import pickle
import signal
import tempfile
import threading
import time
import unittest
from contextlib import redirect_stderr

import numpy as np
from maxsimd import FormatError, IoError, models

TEXTS = [f"text {i} about owls, the moon and {'tides ' * (i % 7)}" for i in range(40)]


def encode_in_child(model, queue):
    queue.put(model.encode("a query"))


class Texts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = models.ColBERT("mini")
        cls.expected = cls.model.encode(TEXTS[:3], is_query=False)

    def assert_same(self, got, expected=None):
        expected = self.expected if expected is None else expected
        self.assertEqual(len(got), len(expected))
        for one, other in zip(got, expected):
            np.testing.assert_array_equal(one, other)

    def test_sequences_of_texts(self):
        class Column:  # as pandas' and datasets' columns
            def __len__(self):
                return 3

            def __getitem__(self, place):
                return TEXTS[:3][place]

            def __iter__(self):
                return iter(TEXTS[:3])

        class ArrowColumn(Column):
            def to_pylist(self):
                return TEXTS[:3]

        for texts in (tuple(TEXTS[:3]), np.array(TEXTS[:3]), np.array(TEXTS[:3], dtype=object),
                      Column(), ArrowColumn(), iter(TEXTS[:3])):
            with self.subTest(type(texts).__name__):
                self.assert_same(self.model.encode(texts, is_query=False))

    def test_nothing_to_encode(self):
        self.assertEqual(self.model.encode([]), [])
        self.assertEqual(self.model.encode([[], []], is_query=False), [[], []])

    def test_no_texts(self):
        for sentences in (None, 7, b"bytes", [None], ["a", float("nan")], {"a": "b"}):
            with self.subTest(sentences), self.assertRaises(TypeError):
                self.model.encode(sentences)

    def test_a_text_is_the_same_in_any_batch_and_with_any_number_of_threads(self):
        for threads in (1, 3):
            model = models.ColBERT("mini", num_threads=threads)
            self.assertEqual(model.num_threads, threads)
            self.assert_same(model.encode(TEXTS, is_query=False)[:3])

    def test_arrays_are_views_of_one_block(self):
        got = self.model.encode(TEXTS[:3], is_query=False)
        self.assertIs(got[0].base, got[1].base)
        kept = got[2].copy()
        last = got[2]
        del got
        np.testing.assert_array_equal(last, kept)

    def test_small_number_types(self):
        values = self.model.encode(TEXTS, precision="int8")
        self.assertEqual((values[0].dtype, values[0].shape), (np.int8, (32, 96)))
        plain = np.stack(self.model.encode(TEXTS))
        steps = (plain.max(0) - plain.min(0)) / 255
        restored = (np.stack(values).astype(np.float32) + 128) * steps + plain.min(0)
        self.assertLess(np.abs(restored - plain).max(), steps.max() * 1.01)
        bits = self.model.encode(TEXTS, is_query=False, precision="ubinary")
        self.assertEqual((bits[0].dtype, bits[0].shape[1]), (np.uint8, 12))
        with self.assertRaisesRegex(ValueError, "bfloat16"):
            self.model.encode("a", precision="bfloat16")

    def test_progress_bar(self):
        stream = io.StringIO()
        with redirect_stderr(stream):
            self.model.encode(TEXTS, batch_size=8, show_progress_bar=True)
        self.assertRegex(stream.getvalue(), r"^Encoding queries \(bs=8\): \[#+\] 40/40 in .* s\n$")

    def test_queries_and_documents_by_their_own_names(self):
        model = models.ColBERT("mini", prompts={"query": "find: ", "document": "read: "})
        queries, documents = model.encode_query(["owls"]), model.encode_document(["owls"], show_progress_bar=False)
        np.testing.assert_array_equal(queries[0], model.encode("find: owls"))
        np.testing.assert_array_equal(documents[0], model.encode("read: owls", is_query=False))
        for given in ({"prompt_name": "document"}, {"prompt": "read: "}):
            np.testing.assert_array_equal(model.encode_query("owls", **given), model.encode("read: owls"))
        with self.assertRaises(TypeError):
            model.encode_document("owls", is_query=True)
        with self.assertWarnsRegex(UserWarning, "query_length or document_length"):
            model.max_seq_length = 17
        self.assertEqual(model.max_seq_length, model.document_length)
        self.assertEqual(model.evaluate(lambda *given: given, "folder"), (model, "folder"))

    def test_what_comes_without_a_name_means_the_same_in_all_three(self):
        # And in sentence-transformers 5.3, whose encode_query() and encode() part behind these.
        shared = ["sentences", "prompt_name", "prompt", "batch_size", "show_progress_bar"]
        places = {call: [name for name, parameter in inspect.signature(call).parameters.items()
                         if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
                  for call in (self.model.encode, self.model.encode_query, self.model.encode_document)}
        self.assertEqual(places[self.model.encode][:5], shared)
        self.assertEqual(places[self.model.encode_query], shared)
        self.assertEqual(places[self.model.encode_document], shared)
        with self.assertRaisesRegex(ValueError, "batch_size: expected 1 or more, got 0"):
            self.model.encode_query("a", None, None, 0)

    def test_prompts(self):
        model = models.ColBERT("mini", prompts={"q": "find: "}, default_prompt_name="q")
        np.testing.assert_array_equal(model.encode("owls"), self.model.encode("find: owls"))
        np.testing.assert_array_equal(model.encode("owls", prompt=""), self.model.encode("owls"))
        np.testing.assert_array_equal(self.model.encode("owls", prompt="find: "),
                                      model.encode("owls", prompt_name="q"))
        with self.assertRaisesRegex(ValueError, "'x' not found"):
            model.encode("owls", prompt_name="x")

    def test_rows_are_described(self):
        for text in ("Owls, mice", "Çatalhöyük – 東京 is 😀 far", ""):
            for is_query in (True, False):
                rows = self.model.describe_rows(text, is_query)
                self.assertEqual(len(rows), len(self.model.encode(text, is_query=is_query)))
                self.assertEqual((rows[0].token, rows[0].start, rows[0].end), ("[CLS]", 0, 0))
                for row in rows:
                    part = text[row.start:row.end]
                    self.assertEqual(self.model._model.token_to_id(row.token), row.id)
                    if part.isascii() and part:
                        self.assertEqual(part.lower(), row.token.removeprefix("##"))
        rows = self.model.describe_rows("東京 owls")
        self.assertIn(("owls", 3, 7), [(row.token, row.start, row.end) for row in rows])

    def test_the_device_is_a_text_with_the_attributes_of_pytorchs(self):
        device = self.model.device
        self.assertEqual((device, device.type, device.index, str(device), {device: 1}["cpu"]),
                         ("cpu", "cpu", None, "cpu", 1))
        self.assertTrue(device != "cuda" and not device == None)  # noqa: E711
        self.assertIsInstance(device, str)

    def test_other_devices_are_warned_of(self):
        with self.assertWarnsRegex(UserWarning, "CPU"):
            self.model.encode("a", device="cuda:0")


class Settings(unittest.TestCase):
    def test_arguments_and_attributes(self):
        model = models.ColBERT("mini", query_length=16, skiplist_words=[])
        self.assertEqual(model.encode("owls").shape, (16, 96))
        self.assertEqual((model.document_length, model.skiplist), (300, []))
        self.assertEqual((model.query_prefix, model.query_prefix_id), ("[unused0]", 1))
        model.query_length = 8
        self.assertEqual(model.encode("owls").shape, (8, 96))
        self.assertEqual(model.get_sentence_embedding_dimension(), 96)

    def test_arithmetic(self):
        exact = models.ColBERT("mini").encode("what do owls eat?")
        model = models.ColBERT("mini", precision="int8")
        self.assertEqual(model.precision, "int8")
        got = model.encode("what do owls eat?")
        self.assertGreater(float((got * exact).sum(axis=1).min()), 0.95)
        self.assertFalse((got == exact).all())
        with self.assertRaisesRegex(ValueError, "f64"):
            models.ColBERT("mini", precision="f64")

    def test_saving(self):
        with tempfile.TemporaryDirectory() as folder:
            target = pathlib.Path(folder) / "deep" / "model"
            model = models.ColBERT("mini", query_length=12)
            for _ in range(2):  # into a folder that has a model, too
                model.save_pretrained(str(target))
            self.assertTrue((target / "README.md").is_file())
            self.assertEqual(os.listdir(target.parent), ["model"])
            again = models.ColBERT(str(target))
            np.testing.assert_array_equal(again.encode("owls"), model.encode("owls"))
            self.assertEqual(again.query_length, 12)

    def test_errors(self):
        with self.assertRaisesRegex(OSError, "no such folder") as caught:
            models.ColBERT("/nowhere/at/all")
        self.assertIsInstance(caught.exception, IoError)
        with tempfile.TemporaryDirectory() as folder:
            models.ColBERT("mini").save_pretrained(f"{folder}/model")
            (pathlib.Path(folder) / "model" / "config.json").write_text('{"a": 1,}')
            with self.assertRaisesRegex(ValueError, "config.json") as caught:
                models.ColBERT(f"{folder}/model")
            self.assertIsInstance(caught.exception, FormatError)
        with self.assertRaises(ValueError):
            models.ColBERT("mini", query_length=0)


class Processes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = models.ColBERT("mini", query_length=20)
        cls.expected = cls.model.encode("a query")

    def test_pickling(self):
        again = pickle.loads(pickle.dumps(self.model))
        np.testing.assert_array_equal(again.encode("a query"), self.expected)

    def test_fork_and_spawn(self):
        self.model.encode(TEXTS)  # its threads are at work
        for method in ("fork", "spawn"):
            with self.subTest(method):
                context = multiprocessing.get_context(method)
                queue = context.Queue()
                child = context.Process(target=encode_in_child, args=(self.model, queue))
                child.start()
                np.testing.assert_array_equal(queue.get(timeout=60), self.expected)
                child.join(timeout=60)
                self.assertEqual(child.exitcode, 0)
        np.testing.assert_array_equal(self.model.encode("a query"), self.expected)

    def test_many_threads(self):
        results = {}

        def work(number):
            results[number] = self.model.encode(TEXTS[number:number + 6], is_query=False)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for number, got in results.items():
            for one, other in zip(got, self.model.encode(TEXTS[number:number + 6], is_query=False)):
                np.testing.assert_array_equal(one, other)

    def test_other_threads_go_on_while_it_encodes(self):
        ticks, done = [], threading.Event()

        def tick():
            while not done.is_set():
                ticks.append(time.monotonic())
                time.sleep(0.005)

        thread = threading.Thread(target=tick)
        thread.start()
        start = time.monotonic()
        self.model.encode(TEXTS * 10, is_query=False)
        seconds = time.monotonic() - start
        done.set()
        thread.join()
        during = sum(start <= moment <= start + seconds for moment in ticks)
        self.assertGreater(during, 3 + seconds / 0.5)

    def test_ctrl_c_ends_the_encoding(self):
        # A process that is started in the background ignores Ctrl-C.
        self.addCleanup(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT))
        signal.signal(signal.SIGINT, signal.default_int_handler)
        timer = threading.Timer(0.3, _thread.interrupt_main)
        start = time.monotonic()
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            self.model.encode(["many words " * 200] * 3000, is_query=False)
        timer.join()
        self.assertLess(time.monotonic() - start, 20)
        np.testing.assert_array_equal(self.model.encode("a query"), self.expected)


if __name__ == "__main__":
    unittest.main()

"""The folder of a model, which setters, pickles and forked processes read again."""
import multiprocessing
import os
import pathlib
import pickle
import shutil
import tempfile
import unittest

import numpy as np
from maxsimd import IoError, models, training


def encode_or_error(model, queue):
    try:
        queue.put(model.encode("owls"))
    except OSError as error:
        queue.put(error)


class Folders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        models.ColBERT("mini", num_threads=1).save_pretrained("model")
        self.model = models.ColBERT("model", num_threads=1)

    def in_child(self):
        """What encode() gives in a forked process: an array or an error."""
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        child = context.Process(target=encode_or_error, args=(self.model, queue))
        child.start()
        result = queue.get(timeout=60)
        child.join(timeout=60)
        return result

    def test_another_current_folder_changes_nothing(self):
        for path in ("model", "./model", pathlib.Path("model")):
            with self.subTest(path):
                self.model = models.ColBERT(path, num_threads=1)
                expected = self.model.encode("owls")
                pathlib.Path("elsewhere").mkdir(exist_ok=True)
                os.chdir("elsewhere")
                np.testing.assert_array_equal(self.in_child(), expected)
                np.testing.assert_array_equal(pickle.loads(pickle.dumps(self.model)).encode("owls"), expected)
                self.model.query_length = 16
                self.assertEqual(self.model.encode("owls").shape, (16, 96))
                os.chdir("..")

    def test_a_folder_that_was_written_over_or_deleted_is_an_error(self):
        expected = self.model.encode("owls")
        pickled = pickle.dumps(self.model)
        for step, message in ((lambda: models.ColBERT("mini", embedding_size=32).save_pretrained("model"),
                               "model/.*: changed since the model was loaded"),
                              (lambda: shutil.rmtree("model"), "model: the model's folder is gone")):
            step()
            np.testing.assert_array_equal(self.model.encode("owls"), expected)
            for call in (lambda: setattr(self.model, "query_length", 16), lambda: pickle.dumps(self.model),
                         lambda: self.model.save_pretrained("copy"),
                         lambda: training.Trainer(self.model)._model_folder(pathlib.Path("data"))):
                with self.assertRaisesRegex(IoError, message):
                    call()
            error = self.in_child()
            self.assertIsInstance(error, IoError)
            self.assertRegex(str(error), message)
            self.assertEqual(self.model.query_length, 32)
            if pathlib.Path("model").exists():
                with self.assertRaisesRegex(IoError, "another model, or other settings, than when"):
                    pickle.loads(pickled)

    def test_copies_and_cards_are_no_change(self):
        pickled = pickle.dumps(self.model)
        (pathlib.Path("model") / "README.md").write_text("a card")
        self.model.query_length = 24
        os.rename("model", "old")
        shutil.copytree("old", "model", copy_function=shutil.copyfile)  # with other times
        self.assertEqual(pickle.loads(pickled).query_length, 32)
        file = pathlib.Path("model") / "config_sentence_transformers.json"
        file.write_text(file.read_text().replace('"query_length": 32', '"query_length": 48'))
        with self.assertRaisesRegex(IoError, "or other settings, than when"):
            pickle.loads(pickled)

    def test_a_model_that_is_saved_to_its_own_folder_goes_on(self):
        self.model.query_length = 24
        self.model.save_pretrained("model")
        self.model.query_length = 16
        self.assertEqual(models.ColBERT("model").query_length, 24)
        self.assertEqual(self.model.encode("owls").shape, (16, 96))


if __name__ == "__main__":
    unittest.main()

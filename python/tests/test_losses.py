"""Parameters of losses are attributes, and columns of any names can be trained on."""
import copy
import pathlib
import tempfile
import unittest

from maxsimd import losses, models, training
from maxsimd.training.program import find_train_program

ROWS = [{"a": f"what is thing {i}?", "b": f"thing {i} is {word}"} for i, word in enumerate(("round", "blue", "wet"))]


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.model = models.ColBERT("mini", query_length=16, document_length=24, num_threads=1)

    def trainer(self, **more):
        arguments = training.TrainingArguments(output_dir=str(self.folder / "run"), max_steps=1,
                                               per_device_train_batch_size=2, save_strategy="no")
        return training.Trainer(self.model, arguments, train_dataset=ROWS, **more)


class Parameters(Case):
    def test_parameters_of_losses_are_attributes(self):
        loss = losses.Contrastive(self.model, temperature=0.5)
        self.assertEqual((loss.temperature, loss.size_average, loss.model), (0.5, True, self.model))
        loss.temperature = 0.25
        self.assertEqual(self.trainer(loss=loss).configuration(self.folder)["temperature"], 0.25)
        with self.assertRaisesRegex(ValueError, "temperature: .*above 0"):
            loss.temperature = 0
        self.assertEqual((loss.temperature, copy.copy(loss).temperature), (0.25, 0.25))
        self.assertFalse(hasattr(loss, "mini_batch_size"))
        self.assertEqual(losses.CachedContrastive(self.model).mini_batch_size, 32)


class Columns(Case):
    def setUp(self):
        try:
            find_train_program()
        except FileNotFoundError as error:
            self.skipTest(str(error))
        super().setUp()

    def test_columns_of_other_names_are_named_or_taken_in_their_order(self):
        trainer = self.trainer()
        with self.assertRaisesRegex(ValueError, "a, b.*rename them, or name "):
            trainer.train()
        for columns in (["a", "b"], ["positive=b", "query=a"]):
            trainer.args.columns = columns
            trainer.args.overwrite_output_dir = True
            self.assertEqual(trainer.train().global_step, 1)


if __name__ == "__main__":
    unittest.main()

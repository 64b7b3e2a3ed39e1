"""The package as a whole: what importing it does, and scripts written for PyLate."""
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest
from unittest import mock

import maxsimd


def run(code, *arguments, folder=None):
    """What a script prints. It must succeed and say nothing on stderr, where nanobind reports what
    has leaked."""
    done = subprocess.run([sys.executable, *arguments, "-c", textwrap.dedent(code)], text=True,
                          capture_output=True, cwd=folder)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"exit code {done.returncode}: {done.stderr}")
    return done.stdout


class Importing(unittest.TestCase):
    def test_modules_come_when_they_are_used(self):
        out = run("""
            import sys
            import maxsimd
            print(sorted(name for name in sys.modules if name.startswith("maxsimd")))
            maxsimd.rank.rerank
            print("maxsimd.rank" in sys.modules, "numpy" in sys.modules, maxsimd.__version__)
            """)
        first, second = out.splitlines()
        self.assertEqual(first, "['maxsimd']")
        self.assertEqual(second, f"True False {maxsimd.__version__}")

    def test_it_takes_at_most_50_ms(self):
        # Where a million additions take a quarter of a second, four times as long: the machine is as slow.
        code = """
            import time
            start = time.process_time()
            from maxsimd import indexes, models, rank, retrieve
            imported = time.process_time() - start
            start, total = time.process_time(), 0
            for i in range(1_000_000):
                total += i * i
            print(imported / max(1, (time.process_time() - start) / 0.0625))
            """
        # Of the processor, so that a busy machine does not count; the first time reads files and compiles them,
        # as an installer does.
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.dict(os.environ, {"PYTHONPYCACHEPREFIX": folder}):
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            self.assertLess(min(float(run(code)) for _ in range(5)), 0.05)

    def test_all_names_are_there(self):
        for name in maxsimd.__all__:
            self.assertTrue(hasattr(maxsimd, name), name)
            module = getattr(maxsimd, name)
            for inner in getattr(module, "__all__", ()):
                self.assertTrue(hasattr(module, inner), f"{name}.{inner}")
        with self.assertRaises(AttributeError):
            maxsimd.nothing

    def test_every_module_can_be_imported(self):
        out = run("""
            import importlib
            import pkgutil
            import maxsimd
            names = [found.name for found in pkgutil.walk_packages(maxsimd.__path__, "maxsimd.")]
            for name in names:
                importlib.import_module(name)
            print(len(names) > 40, "maxsimd.__main__" in names)
            """)
        self.assertEqual(out, "True True\n")

    def test_nothing_leaks_and_torch_is_not_imported(self):
        out = run("""
            import sys
            import tempfile
            import threading
            from maxsimd import indexes, models, rank, scores, evaluation, utils, training, losses
            from maxsimd import retrieve
            model = models.ColBERT("mini")
            items = model.encode(["a", "b"] * 5)
            scores.colbert_scores(items, items)
            rank.rerank([[1, 2]], items[:1], [items[:2]])
            evaluation.ColBERTTripletEvaluator(["a"], ["b"], ["c"])(model)
            with tempfile.TemporaryDirectory() as folder:
                index = indexes.PLAID(folder, "index").add_documents(range(10), items)
                kept = retrieve.ColBERT(index).retrieve(items, k=2)
                index.optimize()
                try:
                    index.add_documents([1], [[[float("nan")] * 96]])
                except ValueError as error:
                    failure = error  # alive when the interpreter ends, as the model and the index
            threading.Thread(target=model.encode, args=(["a"] * 40,)).start()
            print(sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
            """)
        self.assertEqual(out, "[]\n")  # and run() has seen no complaint of nanobind on stderr

    def test_what_leaks_is_seen(self):
        with self.assertRaisesRegex(AssertionError, "leaked .*instance"):
            run("""
                import ctypes
                from maxsimd import _maxsimd
                options = _maxsimd.EncodeOptions()
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(options))
                """)

    def test_the_stub_of_the_extension_is_of_this_build(self):
        package = pathlib.Path(maxsimd.__file__).parent
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "stub.pyi"
            subprocess.run([sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "maxsimd._maxsimd",
                            "-o", str(path)], check=True)
            self.assertEqual(path.read_text(), (package / "_maxsimd.pyi").read_text(),
                             "make it anew: python -m nanobind.stubgen -m maxsimd._maxsimd "
                             "-o python/maxsimd/_maxsimd.pyi")

    def test_number_of_threads(self):
        code = """
            import maxsimd
            from maxsimd import models
            print(maxsimd.get_num_threads(), models.ColBERT("mini").num_threads)
            maxsimd.set_num_threads(1)
            print(models.ColBERT("mini").num_threads, models.ColBERT("mini", num_threads=2).num_threads)
            """
        os.environ["MAXSIMD_NUM_THREADS"] = "3"
        self.addCleanup(os.environ.pop, "MAXSIMD_NUM_THREADS")
        self.assertEqual(run(code), "3 3\n1 2\n")
        for wrong in ("abc", "-1", "1.5", "99999"):
            os.environ["MAXSIMD_NUM_THREADS"] = wrong
            told = run("import maxsimd\ntry:\n    maxsimd.get_num_threads()\nexcept ValueError as error:\n    print(error)")
            self.assertEqual(told, "MAXSIMD_NUM_THREADS, the environment variable: expected an integer from 0 to 4096, "
                                   f"got {wrong!r}\n")
        with self.assertRaises(ValueError):
            maxsimd.set_num_threads(-1)

    def test_the_command(self):
        done = subprocess.run([sys.executable, "-m", "maxsimd", "--version"], text=True,
                              capture_output=True, check=True)
        self.assertEqual(done.stdout, f"maxsimd {maxsimd.__version__}\n")
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, "-m", "maxsimd", "info", "mini"], text=True,
                                  capture_output=True, check=True, cwd=folder)
        self.assertIn("Dense", done.stdout)


SCRIPT = """
import sys
from helper import NAME
import pylate
from pylate import evaluation, indexes, losses, models, rank, retrieve, scores, utils
from pylate.models import ColBERT
import pylate.models.colbert
from pylate.evaluation.beir import evaluate
from sentence_transformers import (SentenceTransformerTrainer,
                                   SentenceTransformerTrainingArguments)
from sentence_transformers.training_args import BatchSamplers

def main():
    model = models.ColBERT(model_name_or_path=NAME)
    index = indexes.PLAID(index_folder="pylate-index", index_name="index", override=True)
    documents = ["owls eat mice", "the moon is far away"]
    index.add_documents(["1", "2"], model.encode(documents, is_query=False))
    found = retrieve.ColBERT(index=index).retrieve(model.encode(["what do owls eat?"]), k=1)
    arguments = SentenceTransformerTrainingArguments(batch_sampler=BatchSamplers.NO_DUPLICATES)
    print(found[0][0]["id"], sys.argv[1:], ColBERT is models.ColBERT is pylate.models.colbert.ColBERT,
          evaluate is evaluation.evaluate, arguments.batch_sampler)

if __name__ == "__main__":
    main()
"""


class AsPyLate(unittest.TestCase):
    def test_a_script_runs_as_it_stands(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "script.py").write_text(SCRIPT)
            (pathlib.Path(folder) / "helper.py").write_text("NAME = 'mini'\n")
            done = subprocess.run([sys.executable, "-m", "maxsimd.as_pylate", "script.py", "--flag"],
                                  text=True, capture_output=True, cwd=folder)
            self.assertEqual((done.returncode, done.stdout),
                             (0, "1 ['--flag'] True True no_duplicates\n"), done.stderr)
            self.assertEqual(done.stderr, "")

    def test_sentence_transformers_that_are_installed_keep_what_is_theirs(self):
        files = {"__init__.py": "from .trainer import SentenceTransformerTrainer\n"
                                "from .training_args import *\nSentenceTransformer = 'theirs'",
                 "trainer.py": "SentenceTransformerTrainer = 'theirs'",
                 "training_args.py": "BatchSamplers = MultiDatasetBatchSamplers = 'theirs'\n"
                                     "SentenceTransformerTrainingArguments = 'theirs'",
                 "util.py": "cos_sim = 'theirs'"}
        script = ("import sys\n"
                  "print('sentence_transformers' in sys.modules)\n"
                  "from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, util\n"
                  "from sentence_transformers.trainer import SentenceTransformerTrainer as again\n"
                  "from sentence_transformers.training_args import BatchSamplers\n"
                  "print(SentenceTransformer, util.cos_sim, SentenceTransformerTrainer is again)\n"
                  "print(again.__module__, BatchSamplers.__module__)\n")
        with tempfile.TemporaryDirectory() as folder:
            package = pathlib.Path(folder) / "sentence_transformers"
            package.mkdir()
            for name, text in files.items():
                (package / name).write_text(text)
            (pathlib.Path(folder) / "script.py").write_text(script)
            environment = {**os.environ, "PYTHONPATH": folder + os.pathsep + os.environ.get("PYTHONPATH", "")}
            done = subprocess.run([sys.executable, "-m", "maxsimd.as_pylate", "script.py"], text=True,
                                  capture_output=True, cwd=folder, env=environment)
        self.assertEqual((done.stdout, done.stderr), (
            "False\ntheirs theirs True\nmaxsimd.training.trainer maxsimd.training.arguments\n", ""))

    def run_script(self, text, **options):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "script.py").write_text(text)
            done = subprocess.run([sys.executable, "-m", "maxsimd.as_pylate", "script.py"], text=True,
                                  capture_output=True, cwd=folder, timeout=300, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_processes_that_are_started_anew_have_pylate_too(self):
        script = textwrap.dedent("""
            import multiprocessing
            import os
            from sentence_transformers import SentenceTransformerTrainer
            from pylate import models
            from pylate.models import ColBERT

            def work(text):
                assert __name__ == "__mp_main__" or method == "fork", __name__
                return text, models.ColBERT is ColBERT, os.path.basename(__file__)

            if __name__ == "__main__":
                os.chdir("/")
                for method in ("fork", "spawn", "forkserver"):
                    with multiprocessing.get_context(method).Pool(1) as pool:
                        print(method, pool.map_async(work, ["a", "b"]).get(timeout=60))
            """)
        expected = [("a", True, "script.py"), ("b", True, "script.py")]
        self.assertEqual(self.run_script(script),
                         "".join(f"{method} {expected}\n" for method in ("fork", "spawn", "forkserver")))

    def test_pylates_modules_by_their_names(self):
        names = {"evaluation.beir": "evaluate", "evaluation.colbert_distillation": "ColBERTDistillationEvaluator",
                 "evaluation.colbert_triplet": "ColBERTTripletEvaluator",
                 "evaluation.custom_dataset": "load_custom_dataset",
                 "evaluation.nano_beir_evaluator": "NanoBEIREvaluator",
                 "evaluation.pylate_information_retrieval_evaluator": "PyLateInformationRetrievalEvaluator",
                 "indexes.base": "Base", "indexes.fast_plaid": "FastPlaid", "indexes.plaid": "PLAID",
                 "indexes.stanford_plaid": "StanfordPLAID", "indexes.voyager": "Voyager",
                 "losses.cached_contrastive": "CachedContrastive", "losses.contrastive": "Contrastive",
                 "losses.distillation": "Distillation", "models.colbert": "ColBERT", "rank.rank": "rerank",
                 "retrieve.colbert": "ColBERT", "retrieve.xtr": "XTR", "scores.colbert": "colbert_scores",
                 "scores.similarity_functions": "SimilarityFunction", "scores.xtr": "XTRScores",
                 "utils.collator": "ColBERTCollator", "utils.distributed": "get_rank", "utils.iter_batch": "iter_batch",
                 "utils.processing": "KDProcessing", "utils.tensor": "convert_to_tensor"}
        lines = ["import importlib", "import maxsimd", "import pylate", "from pylate.__version__ import VERSION",
                 "print(pylate.__version__, VERSION, pylate.models is maxsimd.models, pylate.rank.rerank.__name__)"]
        for module, name in names.items():
            package = module.split(".")[0]
            lines += [f"from pylate.{module} import {name}", f"import pylate.{module}",
                      f"assert {name} is getattr(maxsimd.{package}, {name!r}, maxsimd.indexes.PLAID), {module!r}"]
        lines += ["try:", "    import pylate.training", "except ModuleNotFoundError as error:", "    print(error.name)"]
        self.assertEqual(self.run_script("\n".join(lines)),
                         "1.6.0 (1, 6, 0) True rerank\npylate.training\n")

    def test_usage(self):
        done = subprocess.run([sys.executable, "-m", "maxsimd.as_pylate"], text=True,
                              capture_output=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("SCRIPT.py", done.stderr)
        done = subprocess.run([sys.executable, "-m", "maxsimd.as_pylate", "nothing.py"], text=True,
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (2, "as_pylate: nothing.py: no such file\n"))


if __name__ == "__main__":
    unittest.main()

"""Models by their name on the hub, from a server on this machine."""
import _thread
import os
import pathlib
import signal
import sys
import tempfile
import threading
import time
import unittest

import maxsimd
import numpy as np
from maxsimd import _shipped, models

sys.path.append(str(pathlib.Path(__file__).parents[2] / "tests" / "e2e"))
from hub_server import HubServer, reply  # noqa: E402

MINI = _shipped.shipped("models/mini")
FILES = {str(path.relative_to(MINI)): path.read_bytes() for path in MINI.rglob("*") if path.is_file()}


class Hub(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = HubServer(FILES)
        self.addCleanup(self.server.close)
        before = dict(os.environ)

        def restore():
            os.environ.clear()
            os.environ.update(before)

        self.addCleanup(restore)
        for name in list(os.environ):
            if name.startswith("HF_") or name.lower().endswith("_proxy") or "SENTENCE" in name:
                del os.environ[name]
        os.environ["HF_HOME"] = str(self.folder / "home")
        os.environ["HF_ENDPOINT"] = self.server.url
        self.expected = models.ColBERT("mini").encode("owls")

    def test_a_model_is_pulled_once_and_found_again(self):
        model = models.ColBERT("org/name")
        np.testing.assert_array_equal(model.encode("owls"), self.expected)
        snapshot = self.folder / "home" / "hub" / "models--org--name" / "snapshots" / ("c" * 40)
        self.assertTrue((snapshot / "model.safetensors").is_file())
        asked = len(self.server.requests)
        models.ColBERT("org/name")
        models.ColBERT("org/name", local_files_only=True)
        self.assertEqual(len(self.server.requests), asked)
        self.assertEqual(models.pull_model("org/name", show_progress=False), snapshot)
        self.assertEqual(len(self.server.requests), asked + 1)  # whether there is a newer one

    def test_arguments(self):
        with self.assertRaisesRegex(maxsimd.IoError, "not in the cache"):
            models.ColBERT("org/name", local_files_only=True)
        self.assertEqual(self.server.requests, [])
        cache = self.folder / "elsewhere"
        models.ColBERT("org/name", cache_folder=str(cache), revision="v1", token="secret")
        self.assertTrue((cache / "models--org--name" / "refs" / "v1").is_file())
        path, headers = self.server.requests[0]
        self.assertIn("/revision/v1", path)
        self.assertEqual(headers["Authorization"], "Bearer secret")

    def test_the_environment(self):
        os.environ["HF_TOKEN"] = " of the environment\n".replace(" ", "")
        models.pull_model("org/name", show_progress=False)
        self.assertEqual(self.server.requests[0][1]["Authorization"], "Bearer oftheenvironment")
        models.pull_model("org/name", token=False, show_progress=False)
        self.assertNotIn("Authorization", self.server.requests[-1][1])
        asked = len(self.server.requests)
        os.environ["HF_HUB_OFFLINE"] = "1"
        with self.assertRaisesRegex(OSError, "HF_HUB_OFFLINE"):
            models.pull_model("org/other")
        self.assertTrue(os.path.isfile(os.path.join(models.pull_model("org/name"), "config.json")))
        models.ColBERT("org/name")
        del os.environ["HF_HUB_OFFLINE"]
        with self.assertRaisesRegex(OSError, r"requests to the hub are off \(HF_HUB_OFFLINE, local_files_only\)"):
            models.ColBERT("org/other", local_files_only=True)
        self.assertEqual(len(self.server.requests), asked)

    def test_paths_of_the_environment_are_expanded_as_hugging_face_does(self):
        os.environ["HOME"] = str(self.folder / "user")
        os.environ["HF_HOME"] = "~/${MAXSIMD_TEST_PART}/hf"
        os.environ["MAXSIMD_TEST_PART"] = "part"
        folder = models.pull_model("org/name", show_progress=False)
        self.assertTrue(folder.is_relative_to(self.folder / "user" / "part" / "hf" / "hub"))
        os.environ["HUGGINGFACE_HUB_CACHE"] = "~/old"
        os.environ["HUGGING_FACE_HUB_TOKEN"] = "old"
        self.assertTrue(models.pull_model("org/name", show_progress=False).is_relative_to(self.folder / "user" / "old"))
        self.assertEqual(self.server.requests[-1][1]["Authorization"], "Bearer old")

    def test_what_is_not_there(self):
        with self.assertRaisesRegex(OSError, "org/other"):
            models.ColBERT("org/other")
        with self.assertRaises(ValueError):
            models.pull_model("no name")

    def stall(self):
        """The weights never come."""
        release, stalled = threading.Event(), []
        self.addCleanup(release.set)

        def trouble(request, path, times):
            if path.endswith("model.safetensors") and not stalled:
                stalled.append(path)
                release.wait(60)
                reply(request, 500)
                return True
            return False

        self.server.trouble = trouble

    def test_ctrl_c_ends_it_and_other_threads_go_on_meanwhile(self):
        # A process that is started in the background ignores Ctrl-C.
        self.addCleanup(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT))
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.stall()
        timer = threading.Timer(0.5, _thread.interrupt_main)
        ticks, done = [], threading.Event()

        def tick():
            while not done.wait(0.01):
                ticks.append(None)

        ticking = threading.Thread(target=tick)
        ticking.start()
        timer.start()
        start = time.monotonic()
        try:
            with self.assertRaises(KeyboardInterrupt):
                models.ColBERT("org/name")
        finally:
            done.set()
        self.assertLess(time.monotonic() - start, 20)
        timer.join()
        ticking.join()
        self.assertGreater(len(ticks), 5)
        np.testing.assert_array_equal(models.ColBERT("org/name").encode("owls"), self.expected)


if __name__ == "__main__":
    unittest.main()

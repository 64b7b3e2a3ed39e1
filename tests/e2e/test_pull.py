"""maxsimd pull and ORG/NAME as a model: the cache, resuming, and servers that misbehave."""
import json
import os
import subprocess
import time
import unittest

from cli_case import PROGRAM, SOURCE, CliCase
from hub_server import HubServer, first_byte, git_digest, reply, send_file
from train_case import NAMES, ROWS, TRAINER

MINI = os.path.join(SOURCE, "models", "mini")
CONFIG = b'{"model_type": "bert"}\n'
WEIGHTS = bytes(range(256)) * 4096  # 1 MiB


def mini_files():
    files = {}
    for base, _, names in os.walk(MINI):
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as file:
                files[os.path.relpath(path, MINI)] = file.read()
    return files


class Pull(CliCase):
    def setUp(self):
        super().setUp()
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("HF_") and not name.lower().endswith("_proxy")}
        self.environment["HF_HOME"] = self.path("home")

    def serve(self, files=None, **settings):
        server = HubServer(files or {"config.json": CONFIG, "model.safetensors": WEIGHTS}, **settings)
        self.addCleanup(server.close)
        self.environment["HF_ENDPOINT"] = server.url
        return server

    def call(self, *arguments, stdin=b""):
        return subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, timeout=120, env=self.environment)

    def model(self, *parts):
        return self.path("home", "hub", "models--org--name", *parts)

    def read(self, *parts):
        with open(os.path.join(*parts), "rb") as file:
            return file.read()

    def blobs(self):
        folder = self.model("blobs")
        return {name: os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)} if os.path.isdir(folder) else {}

    def assert_whole(self, folder, files=None):
        for name, content in (files or {"config.json": CONFIG, "model.safetensors": WEIGHTS}).items():
            self.assertEqual(self.read(folder, name), content, name)
        self.assertFalse([name for name in self.blobs() if "incomplete" in name])

    def test_it_fills_the_cache_that_hugging_face_shares(self):
        server = self.serve({"config.json": CONFIG, "model.safetensors": WEIGHTS, "1_Dense/config.json": b"{}",
                             "pytorch_model.bin": b"pickle", "empty.txt": b""})
        folder = self.run_ok("pull", "org/name").rstrip("\n")
        self.assertEqual(folder, self.model("snapshots", "c" * 40))
        self.assert_whole(folder, {"config.json": CONFIG, "model.safetensors": WEIGHTS, "1_Dense/config.json": b"{}",
                                   "empty.txt": b""})
        self.assertFalse(os.path.exists(os.path.join(folder, "pytorch_model.bin")))
        self.assertEqual(self.read(self.model("refs", "main")), b"c" * 40)
        self.assertEqual(os.readlink(os.path.join(folder, "config.json")), f"../../blobs/{git_digest(CONFIG)}")
        self.assertEqual(os.readlink(os.path.join(folder, "1_Dense", "config.json")), f"../../../blobs/{git_digest(b'{}')}")
        asked = len(server.requests)
        self.run_ok("pull", "org/name")
        self.assertEqual(len(server.requests), asked + 1, "only the listing is asked for again")

    def test_a_new_commit_brings_what_has_changed(self):
        server = self.serve()
        self.run_ok("pull", "org/name")
        server.commit, server.files["config.json"] = "d" * 40, b'{"model_type": "bert", "new": 1}'
        folder = self.run_ok("pull", "org/name").rstrip("\n")
        self.assertEqual(folder, self.model("snapshots", "d" * 40))
        self.assert_whole(folder, server.files)
        self.assertEqual(len(server.asked_for("model.safetensors")), 1)
        self.assert_whole(self.model("snapshots", "c" * 40))

    def test_revisions(self):
        server = self.serve()
        self.run_ok("pull", "org/name", "--revision", "refs/pr/3")
        self.assertEqual(server.paths()[0], "/api/models/org/name/revision/refs/pr/3")
        self.assertEqual(self.read(self.model("refs", "refs", "pr", "3")), b"c" * 40)
        self.assertFalse(os.path.exists(self.model("refs", "main")))
        self.run_ok("pull", "org/name", "--revision", "c" * 40)
        self.run_error(1, "pull", "org/name", "--revision", "../../x")

    def test_a_model_by_name_is_pulled_once_and_then_needs_no_server(self):
        server = self.serve(mini_files())
        text = self.run_ok("info", "org/name", "--json")
        self.assertEqual(json.loads(text)["folder"], self.model("snapshots", "c" * 40))
        asked = len(server.requests)
        mini = [json.loads(self.run_ok("tokenize", model, "--query", stdin=b"an owl\n")) for model in ("org/name", MINI)]
        self.assertEqual(mini[0], mini[1])
        self.assertEqual(len(server.requests), asked)
        self.environment["HF_HUB_OFFLINE"] = "1"
        self.run_ok("info", "org/name")

    def test_an_index_keeps_the_name(self):
        self.serve(mini_files())
        corpus = self.write_records("corpus.jsonl", [{"_id": "1", "text": "owls hunt at night"}])
        self.run_ok("index", self.path("index"), "--model", "org/name", corpus)
        self.assertEqual(json.loads(self.run_ok("inspect", self.path("index"), "--json"))["model"], "org/name")
        self.assertTrue(self.run_ok("search", self.path("index"), "what do owls do").split())

    @unittest.skipUnless(os.path.exists(TRAINER), "SKIPPED: maxsimd-train is not built (LibTorch not found)")
    def test_a_run_starts_from_a_name_and_its_card_says_which(self):
        server = self.serve(mini_files())
        data = self.write_records("data.jsonl", [dict(zip(NAMES, row)) for row in ROWS])
        run = ["train", "--train_dataset", data, "--output_dir", self.path("run"), "--max_steps", "1", "--save_strategy",
               "no", "--threads", "1", "--per_device_train_batch_size", "2"]
        self.assertEqual(self.call(*run, "--model", "org/name", "--learning_rate", "never").returncode, 2)
        self.assertEqual(server.requests, [], "nothing is downloaded for a run that cannot be")
        self.assertEqual(self.call(*run, "--model", "org/other").returncode, 74)
        self.run_ok(*run, "--model", "org/name")
        with open(self.path("run", "final", "README.md"), encoding="utf-8") as file:
            card = file.read()
        self.assertIn("\nbase_model: org/name\n", card)
        self.assertIn(f"<!-- at revision {'c' * 40} -->", card)

    def test_a_folder_wins_over_the_hub(self):
        server = self.serve()
        os.makedirs(self.path("org", "name"))
        done = subprocess.run([PROGRAM, "info", "org/name"], capture_output=True, env=self.environment, cwd=self.path())
        self.assertIn(b"org/name", done.stderr)
        self.assertEqual(server.requests, [])

    def test_offline(self):
        server = self.serve()
        self.environment["HF_HUB_OFFLINE"] = "true"
        self.assertIn("HF_HUB_OFFLINE", self.run_error(1, "pull", "org/name"))
        self.assertIn("HF_HUB_OFFLINE", self.run_error(1, "info", "org/name"))
        self.assertEqual(server.requests, [])

    def test_offline_pull_gives_what_the_cache_has(self):
        server = self.serve()
        folder = self.run_ok("pull", "org/name")
        asked = len(server.requests)
        self.environment["HF_HUB_OFFLINE"] = "1"
        self.assertEqual(self.run_ok("pull", "org/name"), folder)
        self.assertEqual(len(server.requests), asked)

    def test_cut_connections_are_resumed(self):
        server = self.serve()

        def cut(request, path, times):
            if not path.endswith("model.safetensors") or times >= 3:
                return False
            send_file(request, WEIGHTS, cut_after=300_000)
            return True

        server.trouble = cut
        self.assert_whole(self.run_ok("pull", "org/name").rstrip("\n"))
        ranges = [headers.get("Range") for headers in server.asked_for("model.safetensors")]
        self.assertEqual(len(ranges), 4)
        self.assertIsNone(ranges[0])
        self.assertTrue(all(part.startswith("bytes=") for part in ranges[1:]), ranges)

    def test_a_killed_download_goes_on_where_it_was(self):
        server = self.serve()
        stuck = []

        def hang(request, path, times):
            if not path.endswith("model.safetensors") or times > 0:
                return False
            stuck.append(request)
            request.send_response(200)
            request.send_header("Content-Length", str(len(WEIGHTS)))
            request.end_headers()
            request.wfile.write(WEIGHTS[:500_000])
            request.wfile.flush()
            time.sleep(3)
            request.close_connection = True
            return True

        server.trouble = hang
        process = subprocess.Popen([PROGRAM, "pull", "org/name"], env=self.environment, stderr=subprocess.DEVNULL)
        deadline = time.time() + 60
        while time.time() < deadline and not any(size >= 400_000 for size in self.blobs().values()):
            time.sleep(0.05)
        process.kill()
        process.wait()
        self.assertFalse(os.path.exists(self.model("snapshots")))
        self.assert_whole(self.run_ok("pull", "org/name").rstrip("\n"))
        self.assertGreaterEqual(int(server.asked_for("model.safetensors")[1]["Range"][6:-1]), 400_000)

    def test_a_server_without_ranges_sends_all_again(self):
        server = self.serve()

        def whole(request, path, times):
            if not path.endswith("model.safetensors"):
                return False
            if times == 0:
                send_file(request, WEIGHTS, cut_after=1000)
            else:
                reply(request, 200, WEIGHTS)
            return True

        server.trouble = whole
        self.assert_whole(self.run_ok("pull", "org/name").rstrip("\n"))

    def test_a_part_of_another_file_is_thrown_away(self):
        server = self.serve()
        digest = server.file_entry("model.safetensors", WEIGHTS)["lfs"]["sha256"]
        self.write(os.path.join("home", "hub", "models--org--name", "blobs", digest + ".incomplete"), b"x" * 1000)
        self.assert_whole(self.run_ok("pull", "org/name").rstrip("\n"))
        self.write(os.path.join("home", "hub", "models--org--name", "blobs", digest + ".incomplete"), b"x" * (len(WEIGHTS) + 9))
        os.remove(self.model("blobs", digest))
        self.assert_whole(self.run_ok("pull", "org/name").rstrip("\n"))

    def test_wrong_bytes_never_get_a_name(self):
        for trouble, message in ((lambda r: reply(r, 200, WEIGHTS[:-1] + b"?"), "expected"),
                                 (lambda r: reply(r, 200, WEIGHTS + b"more"), "more than the 1048576 bytes"),
                                 (lambda r: reply(r, 206, WEIGHTS[5:], {"Content-Range": "bytes 5-9/10"}), "bytes 5-9/10"),
                                 (lambda r: reply(r, 200, b"<html>log in</html>"), "sends 19 bytes of the 1048576")):
            server = self.serve()
            server.trouble = lambda r, path, _: path.endswith("model.safetensors") and (trouble(r), True)[1]
            self.assertIn(message, self.run_error(1, "pull", "org/name"))
            self.assertFalse(os.path.exists(self.model("snapshots")))
            self.assertEqual([name for name in self.blobs() if len(name) == 64], [])

    def test_servers_that_are_busy_are_asked_again(self):
        for status, headers in ((429, {"Retry-After": "1"}), (503, {}), (500, {})):
            server = self.serve()
            server.trouble = lambda r, path, times: times == 0 and (reply(r, status, b"busy", headers), True)[1]
            start = time.time()
            self.assert_whole(self.run_ok("pull", "org/name").rstrip("\n"))
            self.assertGreater(time.time() - start, 1.0)
            subprocess.run(["rm", "-rf", self.path("home")], check=True)
        server = self.serve()
        server.trouble = lambda r, path, times: (reply(r, 429, b"", {"Retry-After": "86400"}), True)[1]
        self.assertIn("429", self.run_error(1, "pull", "org/name"))
        self.assertEqual(len(server.requests), 1)

    def test_refusals_say_what_to_do(self):
        for status, hint in ((401, "HF_TOKEN"), (403, "HF_TOKEN"), (404, "check the name")):
            server = self.serve()
            server.trouble = lambda r, path, times: (reply(r, status, b"", {"X-Error-Message": "Nope."}), True)[1]
            message = self.run_error(1, "pull", "org/name")
            self.assertIn(f"answers {status} (Nope.)", message)
            self.assertIn(hint, message)
            self.assertEqual(len(server.requests), 1)
            self.assertFalse(os.path.exists(self.path("home")))

    def test_what_a_server_says_does_not_reach_the_terminal_raw(self):
        server = self.serve()
        evil = {"X-Error-Message": "a\x1b[2Jb\x9bc"}
        server.trouble = lambda r, path, times: (reply(r, 404, b"", evil), True)[1]
        self.assertIn("answers 404 (a\\x1b[2Jb\\x9bc)", self.run_error(1, "pull", "org/name"))

    def test_nobody_there(self):
        server = self.serve()
        server.close()
        self.assertIn("org/name", self.run_error(1, "pull", "org/name"))
        self.environment["HF_ENDPOINT"] = "ftp://127.0.0.1"
        self.assertIn("HF_ENDPOINT", self.run_error(1, "pull", "org/name"))

    def test_the_token_goes_to_the_endpoint_only(self):
        elsewhere = self.serve()
        server = self.serve()
        self.environment["HF_TOKEN"] = "hf_secret"

        def redirect(request, path, _):
            if not path.endswith("model.safetensors"):
                return False
            reply(request, 302, b"", {"Location": elsewhere.url + request.path})
            return True

        server.trouble = redirect
        self.assert_whole(self.run_ok("pull", "org/name").rstrip("\n"))
        self.assertTrue(all(headers["Authorization"] == "Bearer hf_secret" for _, headers in server.requests))
        self.assertEqual(len(elsewhere.requests), 1)
        self.assertNotIn("Authorization", elsewhere.requests[0][1])

    def test_hosts_that_only_look_like_the_endpoint_do_not_get_it(self):
        elsewhere = self.serve()
        server = self.serve()
        self.environment["HF_TOKEN"] = "hf_secret"
        port = elsewhere.url.rsplit(":", 1)[1]
        server.trouble = lambda r, path, _: path.endswith("model.safetensors") and (
            reply(r, 302, b"", {"Location": f"{server.url}@127.0.0.1:{port}{r.path}"}), True)[1]
        self.call("pull", "org/name")
        self.assertTrue(all("hf_secret" not in str(headers) for _, headers in elsewhere.requests))

    def test_the_token_of_the_token_file(self):
        server = self.serve()
        self.write("home/token", "hf_of_file\n")
        self.run_ok("pull", "org/name")
        self.assertEqual(server.requests[0][1]["Authorization"], "Bearer hf_of_file")

    def test_paths_of_the_environment_are_expanded_as_hugging_face_does(self):
        server = self.serve()
        self.environment.update(HOME=self.path("user"), HF_HOME="~/$PART/${PART}x$NOT_SET", PART="p")
        folder = self.run_ok("pull", "org/name").strip()
        self.assertTrue(folder.startswith(self.path("user", "p", "px$NOT_SET", "hub", "models--org--name")), folder)
        self.environment.update(HUGGINGFACE_HUB_CACHE="~", HUGGING_FACE_HUB_TOKEN="hf_old")
        self.assertTrue(self.run_ok("pull", "org/name").startswith(self.path("user", "models--org--name")))
        self.assertEqual(server.requests[-1][1]["Authorization"], "Bearer hf_old")

    def test_relative_redirects_are_followed_and_loops_are_not(self):
        server = self.serve()
        server.trouble = lambda r, path, times: path.startswith("/api/") and not path.endswith("moved") and (
            reply(r, 307, b"", {"Location": "/api/models/org/name/revision/moved"}), True)[1]
        self.assert_whole(self.run_ok("pull", "org/name").rstrip("\n"))
        server.trouble = lambda r, path, times: (reply(r, 302, b"", {"Location": r.path}), True)[1]
        self.assertIn("redirects", self.run_error(1, "pull", "org/name"))
        server.trouble = lambda r, path, times: (reply(r, 302, b"", {"Location": "file:///etc/passwd"}), True)[1]
        self.run_error(1, "pull", "org/name")

    def test_hostile_names(self):
        for name in ("../../../../escaped.json", "/tmp/escaped.json", "a\\..\\..\\x.json", "a/../../x.json", "x\u0000.json"):
            server = self.serve()
            listing = {"sha": "c" * 40, "siblings": [server.file_entry("model.safetensors", WEIGHTS),
                                                     server.file_entry(name, CONFIG)]}
            server.listing = json.dumps(listing).encode()
            self.assertIn("outside the model's folder", self.run_error(1, "pull", "org/name"))
            self.assertFalse(os.path.exists(self.path("home")))

    def test_answers_that_are_no_listing(self):
        for listing in (b"<html>hello</html>", b"{}", b'{"sha": "../../x", "siblings": []}', b"[" * 100000, b"\xff\xfe"):
            server = self.serve()
            server.listing = listing
            self.assertIn("org/name", self.run_error(1, "pull", "org/name"))
        server = self.serve({"config.json": CONFIG, "pytorch_model.bin": b"pickle"})
        self.assertIn("no .safetensors", self.run_error(1, "pull", "org/name"))
        server = self.serve()
        server.trouble = lambda r, path, _: (reply(r, 200, b"x" * (17 << 20)), True)[1]
        self.assertIn("16 MiB", self.run_error(1, "pull", "org/name"))

    def test_two_processes_pull_one_model(self):
        server = self.serve()
        slow = lambda r, path, _: path.endswith("model.safetensors") and (time.sleep(0.5), False)[1]
        server.trouble = slow
        processes = [subprocess.Popen([PROGRAM, "pull", "org/name"], env=self.environment, stdout=subprocess.PIPE)
                     for _ in range(3)]
        folders = {process.communicate()[0].decode().rstrip("\n") for process in processes}
        self.assertEqual([process.returncode for process in processes], [0, 0, 0])
        self.assertEqual(folders, {self.model("snapshots", "c" * 40)})
        self.assert_whole(folders.pop())
        self.assertEqual(len(server.asked_for("model.safetensors")), 1)

    def test_ids_that_are_none(self):
        self.serve()
        for name in ("name", "a/b/c", "org/", "../name", "org/na me"):
            self.assertIn("ORG/NAME", self.run_error(1, "pull", name))


if __name__ == "__main__":
    unittest.main()

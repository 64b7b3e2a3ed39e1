"""A Hugging Face hub on this machine that misbehaves as it is told to."""
import hashlib
import http.server
import json
import threading
import urllib.parse


def git_digest(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class HubServer:
    """Serves {name: content} as repository ORG/NAME. `trouble(request, path, times)` may answer a request itself and
    return True; `times` says how often this path was asked for before. Requests are kept as (path, headers)."""

    def __init__(self, files, repository="org/name", commit="c" * 40, large=("model.safetensors",)):
        self.files, self.repository, self.commit, self.large = dict(files), repository, commit, large
        self.trouble = lambda request, path, times: False
        self.listing = None  # bytes in place of the API's answer
        self.requests = []
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                hub.answer(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # clients that hang up are what is tested

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def paths(self):
        return [path for path, _ in self.requests]

    def asked_for(self, name):
        return [headers for path, headers in self.requests if path.endswith("/" + name)]

    def file_entry(self, name, content):
        entry = {"rfilename": name, "size": len(content), "blobId": git_digest(content)}
        if name in self.large:
            entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
        return entry

    def answer(self, request):
        path = urllib.parse.unquote(urllib.parse.urlsplit(request.path).path)
        times = self.paths().count(path)
        self.requests.append((path, dict(request.headers)))
        if self.trouble(request, path, times):
            return
        if path.startswith(f"/api/models/{self.repository}/revision/"):
            body = self.listing or json.dumps({
                "id": self.repository, "sha": self.commit,
                "siblings": [self.file_entry(*item) for item in self.files.items()]}).encode()
            return reply(request, 200, body)
        prefix = f"/{self.repository}/resolve/{self.commit}/"
        name = path.removeprefix(prefix)
        if not path.startswith(prefix) or name not in self.files:
            return reply(request, 404, b"Entry not found", {"X-Error-Message": "Entry not found"})
        send_file(request, self.files[name])


def reply(request, status, body=b"", headers=None, length=None):
    """`length`: what Content-Length claims; the connection is cut when the body is shorter."""
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    request.end_headers()
    request.wfile.write(body)
    if length is not None and length != len(body):
        request.wfile.flush()
        request.close_connection = True


def first_byte(request):
    wanted = request.headers.get("Range", "")
    return int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0


def send_file(request, content, cut_after=None):
    """With ranges, as the hub does; `cut_after`: the connection ends after so many bytes."""
    start = first_byte(request)
    if start > 0 and start >= len(content):
        return reply(request, 416)
    part = content[start:]
    headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
    sent = part if cut_after is None else part[:cut_after]
    reply(request, 206 if start else 200, sent, headers, length=len(part))

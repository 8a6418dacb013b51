"""An API that lets the code of docs/assertion.md say who is calling: caller.py in the folder given."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module

import jwt


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        # Not before it is asked: by then the test has written it.
        caller = import_module("caller").caller
        try:
            status, answer = 200, caller(self.headers.get("X-Auth-Assertion", ""))
        except jwt.PyJWTError as error:
            status, answer = 401, {"refused": f"{type(error).__name__}: {error}"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


sys.path.insert(0, sys.argv[1])
server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"serving 127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
sys.stdin.read()  # The test holds the other end, and lets go of it in any case.

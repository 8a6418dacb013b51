"""Answers a request a line on standard input with a line of JSON on standard output."""

import json
import sys


def serve(operations):
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = operations[request.pop("op")](**request)
        except Exception as error:  # Whatever a library raises is its refusal.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)

"""A model's server that says a given number of tokens at a given pace, whatever it is asked. For `bench.llm_overhead`.

    python -m bench.paced_model PORT TOKENS TOKENS_PER_SECOND

It takes a thread for each stream and hardly any processor, so that what is measured is what stands before it.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "paced"
_SENTENCE = "The notice period is three months . [1] "


class Paced(BaseHTTPRequestHandler):
    """Lists one model, and streams the same words to everybody."""

    protocol_version = "HTTP/1.0"
    tokens = 0
    pause = 0.0

    def do_GET(self) -> None:
        """The list of models."""
        self._head("application/json")
        self.wfile.write(json.dumps({"data": [{"id": MODEL, "max_model_len": 8192}]}).encode())

    def do_POST(self) -> None:
        """A stream; whatever else is asked for is not there."""
        if not self.path.endswith("/chat/completions"):
            self.send_error(404)
            return
        self.rfile.read(int(self.headers["Content-Length"]))
        self._head("text/event-stream")
        words = _SENTENCE.split()
        due = time.perf_counter()
        for number in range(self.tokens):
            due += self.pause
            time.sleep(max(0.0, due - time.perf_counter()))
            self._say({"content": words[number % len(words)] + " "}, None)
        self._say({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _say(self, delta: dict[str, str], end: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": end}
        part = {"id": "p", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
        self.wfile.flush()

    def _head(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def main() -> None:
    """Serve until ended."""
    port, tokens, rate = sys.argv[1:]
    Paced.tokens, Paced.pause = int(tokens), 1.0 / float(rate)
    _Server(("127.0.0.1", int(port)), Paced).serve_forever()


if __name__ == "__main__":
    main()

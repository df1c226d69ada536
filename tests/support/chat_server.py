"""A local server that speaks the chat-completions protocol, well or badly, as a test tells it."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server does with one request."""

    text: str | None = "hello"
    finish_reason: str = "stop"
    status: int = 200
    error: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    content_type: str = "application/json"
    delay_s: float = 0.0
    hang_up: bool = False
    refusal: str | None = None
    pieces: tuple[str, ...] | None = None
    piece_delay_s: float = 0.0


@dataclass
class ChatServer:
    """The running server; `requests` holds every body it got, `keys` every Authorization header."""

    answers: Callable[[dict[str, Any], int], Answer]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    together: int = 0
    most_together: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def chat_server(
    *answers: Answer | str, by_request: Callable[[dict[str, Any], int], Answer] | None = None
) -> Iterator[ChatServer]:
    """Serve the answers one after the other, the last for ever; or what `by_request` makes of (body, number)."""
    listed = [Answer(text=answer) if isinstance(answer, str) else answer for answer in (answers or (Answer(),))]
    state = ChatServer(by_request or (lambda _, number: listed[min(number, len(listed) - 1)]))

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with state.lock:
                number = len(state.requests)
                state.requests.append(body)
                state.keys.append(self.headers.get("Authorization"))
                state.paths.append(self.path)
                state.headers.append(dict(self.headers))
                state.together += 1
                state.most_together = max(state.most_together, state.together)
            try:
                self.say(body, number, state.answers(body, number))
            finally:
                with state.lock:
                    state.together -= 1

        def say(self, body: dict[str, Any], number: int, answer: Answer) -> None:
            time.sleep(answer.delay_s)
            if answer.pieces is not None:
                self.stream(answer)
                return
            if answer.hang_up:
                self.close_connection = True
                self.connection.close()
                return
            text = answer.body
            if text is None and answer.error is not None:
                text = json.dumps({"error": answer.error})
            if text is None:
                message = {"role": "assistant", "content": answer.text, "refusal": answer.refusal}
                text = json.dumps(
                    {
                        "id": f"chatcmpl-{number}",
                        "object": "chat.completion",
                        "created": 1700000000,
                        "model": f"{body['model']}-2026",
                        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
                        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
                    }
                )
            data = text.encode()
            try:
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(data)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
            except OSError:  # the client has given up waiting
                self.close_connection = True

        def stream(self, answer: Answer) -> None:
            """Send events, each when its time has come; the connection's end is the stream's."""
            self.close_connection = True
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                for piece in answer.pieces or ():
                    self.wfile.write(f"data: {piece}\n\n".encode())
                    self.wfile.flush()
                    time.sleep(answer.piece_delay_s)
            except OSError:  # the client has given up waiting
                pass

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Stay silent: a client that hangs up is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A local server that speaks the Batch API: files and batches in memory, faults as a test tells it."""

from __future__ import annotations

import email
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


def completion(text: str) -> dict[str, Any]:
    """Return the body of a chat completion."""
    return {
        "id": "c",
        "object": "chat.completion",
        "model": "m-2026",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }


@dataclass
class BatchServer:
    """The running server.

    Attributes:
        answer: What becomes of one request: the text of its reply, or an error's text behind a `!`, or None (expired).
        status: What every batch has come to.
        files: Name to content.
        batches: Every batch that was created.
        hang_up_after_create: So many creations whose answer is lost.
        refuse: Status and message with which creations are refused.
    """

    answer: Callable[[dict[str, Any]], str | None] = lambda _: "hello"
    status: str = "completed"
    errors: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    batches: list[dict[str, Any]] = field(default_factory=list)
    hang_up_after_create: int = 0
    refuse: tuple[int, str] | None = None
    url: str = ""

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Create a batch."""
        number = len(self.batches)
        batch = {
            "id": f"batch_{number}",
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": body["completion_window"],
            "created_at": 1700000000 + number,
            "metadata": body.get("metadata"),
            "status": "validating",
        }
        self.batches.append(batch)
        return batch

    def retrieve(self, name: str) -> dict[str, Any]:
        """Return a batch with the server's status; one that has ended has its files."""
        batch = next(batch for batch in self.batches if batch["id"] == name)
        batch["status"] = self.status
        if self.errors:
            batch["errors"] = {"object": "list", "data": [{"message": text} for text in self.errors]}
        if self.status in {"completed", "expired", "cancelled"}:
            good, bad = [], []
            for line in self.files[batch["input_file_id"]].splitlines():
                asked = json.loads(line)
                said = self.answer(asked)
                name = asked["custom_id"]
                if said is None:
                    error = {"code": "batch_expired", "message": "This request could not be executed in time."}
                    bad.append({"id": "r", "custom_id": name, "response": None, "error": error})
                elif said.startswith("!"):
                    body = {"error": {"message": said[1:]}}
                    bad.append(
                        {"id": "r", "custom_id": name, "response": {"status_code": 400, "body": body}, "error": None}
                    )
                else:
                    body = completion(said)
                    good.append(
                        {"id": "r", "custom_id": name, "response": {"status_code": 200, "body": body}, "error": None}
                    )
            for kind, lines in (("output", good), ("error", bad)):
                if lines:
                    self.files[f"{kind}-{name}"] = "".join(json.dumps(line) + "\n" for line in lines)
                    batch[f"{kind}_file_id"] = f"{kind}-{name}"
        return batch


@contextmanager
def batch_server(**settings: Any) -> Iterator[BatchServer]:
    """Serve the Batch API."""
    state = BatchServer(**settings)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.endswith("/files"):
                head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
                parts = email.message_from_bytes(head + raw).get_payload()
                content = next(part.get_payload(decode=True) for part in parts if part.get_filename())  # type: ignore[union-attr]
                name = f"file_{len(state.files)}"
                state.files[name] = content.decode()
                self.say({"id": name, "object": "file", "bytes": len(content), "created_at": 1, "filename": "x",
                          "purpose": "batch", "status": "processed"})  # fmt: skip
                return
            if state.refuse:
                self.say({"error": {"message": state.refuse[1]}}, state.refuse[0])
                return
            made = state.create(json.loads(raw))
            if state.hang_up_after_create:
                state.hang_up_after_create -= 1
                self.close_connection = True
                self.connection.close()
                return
            self.say(made)

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.endswith("/batches"):
                self.say(
                    {"object": "list", "data": state.batches, "has_more": False, "first_id": None, "last_id": None}
                )
            elif path.endswith("/content"):
                self.say(state.files[path.split("/")[-2]])
            else:
                self.say(state.retrieve(path.split("/")[-1]))

        def say(self, what: Any, status: int = 200) -> None:
            data = (what if isinstance(what, str) else json.dumps(what)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Stay silent."""

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

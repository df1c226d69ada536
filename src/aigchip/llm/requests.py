"""Requests as files that anybody can answer: JSON lines in the Batch API's format, and one Markdown file a request."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.llm.completion import ChatRequest

ALL = "requests.jsonl"
"""The file that holds every request of one export."""

_NAME = re.compile(r"(?P<module>[a-z][a-z0-9_]*)-(?P<conversation>[0-9a-f]{16})(?:~(?P<sample>[0-9]{1,4}))?")
_MODEL = "any-model"
_TURN = {"assistant": "# Your answer", "user": "# What became of it"}


def folder() -> Path:
    """Return where requests are written."""
    return paths.build_dir() / "llm" / "requests"


def name_of(request: ChatRequest) -> str:
    """Return a request's name for people and for the Batch API: the module, the conversation, and the sample if not 0."""
    sample = f"~{request.sample}" if request.sample else ""
    return f"{request.purpose.module or 'request'}-{request.conversation[:16]}{sample}"


def read_name(name: str) -> tuple[str, str, int] | None:
    """Return the module, the beginning of the conversation's hash, and the sample; None if this is no such name."""
    found = _NAME.fullmatch(name)
    return None if found is None else (found["module"], found["conversation"], int(found["sample"] or 0))


def batch_line(request: ChatRequest, body: dict[str, Any] | None = None, url: str = "/v1/chat/completions") -> str:
    """Write a request as a line of the Batch API's input.

    Args:
        request: The request.
        body: As an endpoint wants it; by default the model and the messages alone.
        url: Which of the endpoint's services answers.
    """
    plain = {"model": request.model or _MODEL, "messages": [asdict(message) for message in request.messages]}
    line = {"custom_id": name_of(request), "method": "POST", "url": url, "body": plain if body is None else body}
    return json.dumps(line, ensure_ascii=False)


def markdown(request: ChatRequest) -> str:
    """Write a request as a person reads it: the system message, the user's message, and further turns in their order."""
    parts = [request.messages[0].content.rstrip("\n")]
    for number, message in enumerate(request.messages[1:]):
        if number:
            parts.append(f"---\n\n{_TURN[message.role]}")
        parts.append(message.content.strip("\n"))
    return "\n\n".join(parts) + "\n"


def write(request: ChatRequest, into: Path | None = None) -> Path:
    """Write both files of one request.

    Returns:
        The Markdown file.
    """
    place = (into or folder()) / name_of(request)
    write_text(place.with_name(f"{place.name}.jsonl"), batch_line(request) + "\n")
    write_text(place.with_name(f"{place.name}.md"), markdown(request))
    return place.with_name(f"{place.name}.md")


def write_all(asked: Sequence[ChatRequest], into: Path | None = None) -> Path:
    """Write the one file that holds every request, beside those of each.

    Returns:
        The file.
    """
    path = (into or folder()) / ALL
    write_text(path, "".join(batch_line(request) + "\n" for request in asked))
    return path

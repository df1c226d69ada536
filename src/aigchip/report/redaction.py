"""Take out of a text what must not leave a person's machine: keys, names of people, hosts and folders."""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

_RULES: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL), "<private key>"),
    (re.compile(r"\b(?:sk|pk|rk|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{8,}"), "<key>"),
    (
        re.compile(r"(?i)\b(bearer|token|api[-_ ]?key|password|passwd|secret)(['\"]?\s*[:= ]\s*['\"]?)[^\s'\",;]{4,}"),
        r"\1\2<key>",
    ),
    (re.compile(r"\b\d{3,5}@[\w.-]+"), "<licence server>"),
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), "<address>"),
    (
        re.compile(r"\b(?!127\.)(?!0\.0\.0\.0)(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}\b"),
        "<ip>",
    ),
    (re.compile(r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\b"), "<mac>"),
    (re.compile(r"(?<![\w/])(/(?:home|Users)/)[^/\s\"']+"), r"\1<user>"),
    (re.compile(r"(?i)\b([a-z]:[\\/]Users[\\/])[^\\/\s\"']+"), r"\1<user>"),
)
_SECRET_NAMES = re.compile(r"(?i)key|token|secret|password|licen[cs]e_file")
_SHORTEST = 4
"""Names shorter than this are left: they would match inside words."""


def secrets_of(environment: Mapping[str, str], *, names: Sequence[str] = ()) -> dict[str, str]:
    """Collect what is known to be private here.

    Args:
        environment: Environment variables; those whose name says key, token, secret, password or licence file count.
        names: Further names, such as the host that was deployed to.

    Returns:
        Text to what stands in its place, longest text first.
    """
    found = {value: f"<{name}>" for name, value in environment.items() if _SECRET_NAMES.search(name)}
    found[str(Path.home())] = "<home>"
    found[socket.gethostname()] = "<host>"
    found[getpass.getuser()] = "<user>"
    found |= dict.fromkeys(names, "<target>")
    usable = {text: word for text, word in found.items() if len(text) >= _SHORTEST}
    return dict(sorted(usable.items(), key=lambda item: (-len(item[0]), item[0])))


def redact(text: str, secrets: Mapping[str, str]) -> str:
    """Return a text without private parts; what took their place says what kind they were.

    Args:
        text: For example a tool's log.
        secrets: What `secrets_of` found; whole words only.
    """
    for secret, word in secrets.items():
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", word, text)
    for pattern, word in _RULES:
        text = pattern.sub(word, text)
    return text


def of_this_machine(names: Sequence[str] = ()) -> dict[str, str]:
    """Return `secrets_of` this process."""
    return secrets_of(os.environ, names=names)

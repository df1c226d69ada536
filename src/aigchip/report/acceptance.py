"""The bundle of an acceptance run: what held on a person's installation, redacted, as one archive."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from aigchip.core.atomic import write_bytes
from aigchip.report.redaction import redact

Outcome = Literal["held", "failed", "not there"]
LONGEST_LOG = 1_000_000
"""Of a longer log the beginning and the end go into the bundle. [characters]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One path that was tried.

    Attributes:
        path: Its id, as in docs/reference/verified.md.
        title: What a person does on it.
        command: What was typed; empty where nothing ran.
        outcome: Whether it held, failed, or could not run because something is not there.
        detail: The last line that it said, or what is not there.
        seconds: Wall time [s].
    """

    path: str
    title: str
    command: str
    outcome: Outcome
    detail: str
    seconds: float


def write_bundle(file: Path, results: Sequence[Accepted], logs: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Write accept.json and the logs, redacted, as a .tar.gz beside and rename it.

    Args:
        file: The archive.
        results: What was tried.
        logs: Name in the archive to text.
        secrets: What `aigchip.report.redaction.secrets_of` found.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    texts = {
        "accept.json": json.dumps({"version": 1, "paths": [asdict(result) for result in results]}, indent=2) + "\n",
        **{f"logs/{name}": _shortened(text) for name, text in logs.items()},
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in sorted(texts.items()):
            data = redact(text, secrets).encode()
            member = tarfile.TarInfo(f"{file.name.removesuffix('.tar.gz')}/{redact(name, secrets)}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    write_bytes(file, packed.getvalue())


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_LOG:
        return text
    half = LONGEST_LOG // 2
    return f"{text[:half]}\n... {len(text) - 2 * half} characters are left out ...\n{text[-half:]}"

"""Modules that are left for a person: the draft with all that is needed to finish it, and what the person made of it.

    designs/<id>/sources/<instance>.cpp      the draft; editing it finishes the module
    designs/<id>/unfinished/<instance>.md    what was asked, what was tried, and why it failed

A draft that nobody has edited may be replaced by a later one; an edited one is never written again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigchip.core import paths
from aigchip.core.atomic import write_text
from aigchip.core.errors import InputError
from aigchip.core.hashing import digest_text
from aigchip.generate.request import GeneratedModule, ModuleRequest, Provenance, Rejected
from aigchip.generate.versions import versions

NAME = "by-hand"
_DIGEST = re.compile(r"^draft: (\w+)$", re.MULTILINE)
_SAFE = re.compile(r"[A-Za-z0-9_][\w.-]*")


def folder_of(request: ModuleRequest) -> Path | None:
    """Return the folder of the design that asks; None where no design of a person does."""
    if not _SAFE.fullmatch(request.design) or not _SAFE.fullmatch(request.instance):
        return None
    return paths.designs_dir() / request.design


def source_path(request: ModuleRequest) -> Path | None:
    """Return where a person finishes the module."""
    folder = folder_of(request)
    return None if folder is None else folder / "sources" / f"{request.instance}.cpp"


def edited(request: ModuleRequest) -> str | None:
    """Return the code that a person wrote for this module; None where there is none, or only an unedited draft.

    Raises:
        InputError: The file is no text.
    """
    path = source_path(request)
    if path is None or not path.is_file():
        return None
    try:
        code = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            paths.relative(path), f"the file cannot be read ({error})", "Save it as UTF-8 text."
        ) from error
    return None if digest_text(code) == _draft_digest(request) else code


def leave(request: ModuleRequest, rejected: tuple[Rejected, ...], code: str) -> Path | None:
    """Leave a module for a person; what the person has edited stays.

    Args:
        request: What was asked for.
        rejected: Every attempt with its error.
        code: The last code that was tried; empty if no reply held any.

    Returns:
        The file to edit; None if no design of a person asks.
    """
    path = source_path(request)
    if path is None:
        return None
    draft = code or f"{request.signature} {{\n}}\n"
    keep = edited(request) is not None
    text = _described(request, rejected, path)
    digest = _draft_digest(request) if keep else digest_text(draft)
    write_text(path.parent.parent / "unfinished" / f"{request.instance}.md", f"{text}\ndraft: {digest}\n")
    if not keep:
        write_text(path, draft)
    return path


def _draft_digest(request: ModuleRequest) -> str:
    folder = folder_of(request)
    note = folder / "unfinished" / f"{request.instance}.md" if folder else None
    found = _DIGEST.findall(note.read_text(encoding="utf-8")) if note and note.is_file() else []
    return found[-1] if found else ""


def _described(request: ModuleRequest, rejected: tuple[Rejected, ...], path: Path) -> str:
    parameters = "\n".join(f"- {name}: {value}" for name, value in request.parameters.items())
    tried = "\n\n".join(f"### Attempt {n} ({r.code})\n\n{_quoted(r.reason)}" for n, r in enumerate(rejected, 1))
    return "\n".join(
        [
            f"# {request.instance} is unfinished",
            "",
            f"Edit `{paths.relative(path)}`; the next build judges it like any other code and takes it if it",
            "passes. An edited file is never written again.",
            "",
            f"## Signature\n\n```cpp\n{request.signature}\n```",
            f"\n## Parameters\n\n{parameters}",
            f"\n## Instruction\n\n{request.instruction.strip()}",
            f"\n## What a module of this kind may use\n\n```cpp\n{request.interface.strip()}\n```",
            f"\n## What was tried\n\n{tried or 'Nothing.'}",
        ]
    )


def _quoted(text: str) -> str:
    """Quote text line by line, so that nothing in it counts as a heading or as the digest."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines())


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A person's code as a generator: one attempt, and no correction.

    Args:
        code: What the person wrote.
    """

    code: str
    name: str = NAME
    attempts: int = 1
    conversations: int = 1

    def inputs(self, request: ModuleRequest) -> dict[str, Any]:
        """Return the code's digest and the request."""
        return {"generator": self.name, "request": request.content(), "code": digest_text(self.code)}

    def generate(
        self, request: ModuleRequest, rejected: tuple[Rejected, ...] = (), without: tuple[str, ...] = ()
    ) -> GeneratedModule:
        """Return the code as it is."""
        return GeneratedModule(code=self.code, provenance=Provenance(generator=self.name, versions=versions("aigchip")))

    def judged(self, provenance: Provenance, verdicts: Mapping[str, str], detail: str = "") -> None:
        """Do nothing: nobody replied."""

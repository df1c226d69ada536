"""Find a module's code in the reply of a model."""

from __future__ import annotations

import re

from aigchip.generate.errors import UnusableReplyError

LONGEST_CODE = 200_000
"""Longer code is refused before any tool sees it. [characters]"""

_FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[^\n]*\n(?P<body>.*?)"
    r"(?:^[ \t]*(?P=fence)[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_LANGUAGES = {"", "cpp", "c++", "cc", "cxx", "c", "h", "hpp", "hls"}
_STARTS_LIKE_CODE = re.compile(r"\s*(#\s*include|#\s*ifndef|#\s*pragma|//|/\*)")


def code_of(reply: str, *, function: str, where: str) -> str:
    """Return the C++ text of a reply.

    It is the last fenced block that defines the function, since a model that corrects itself does so further down. A
    reply without a block counts as code if it starts like a source file. Thoughts before `</think>` do not count.

    Args:
        reply: The whole reply.
        function: The name of the function that the code must define.
        where: The module's name, for the error.

    Raises:
        UnusableReplyError: The reply holds no such code.
    """
    text = reply.replace("\r\n", "\n").rpartition("</think>")[2]
    blocks = [match["body"] for match in _FENCE.finditer(text) if match["language"].lower() in _LANGUAGES]
    if not blocks and _STARTS_LIKE_CODE.match(text):
        blocks = [text]
    if not blocks:
        raise _unusable(where, reply, "the reply holds no block of C++ code", "no-code")
    named = [block for block in blocks if re.search(rf"\b{re.escape(function)}\s*\(", block)]
    if not named:
        raise _unusable(where, reply, f"no block of the reply defines the function {function}", "no-function")
    code = named[-1].strip("\n") + "\n"
    if len(code) > LONGEST_CODE:
        what = f"the code is {len(code)} characters long; must be at most {LONGEST_CODE}"
        raise _unusable(where, reply, what, "too-long")
    return code


def function_name(signature: str) -> str:
    """Return the name of the function that a C++ declaration declares."""
    found = re.search(r"(\w+)\s*\(", signature)
    if found is None:
        raise ValueError(f"no function in the signature {signature!r}")
    return found[1]


def _unusable(where: str, reply: str, what: str, code: str) -> UnusableReplyError:
    return UnusableReplyError(
        where,
        what,
        "Use another model, or generator=expert.",
        code=code,
        reply=reply,
        reason=f"{what[:1].upper()}{what[1:]}.",
    )

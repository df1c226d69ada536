"""Which of our headers a compiler's message misses.

A source is compiled as it is written, with no header in front of it, as Vitis HLS does: one that forgets an `#include` is wrong here too.
"""

from __future__ import annotations

import re

HEADERS = ("ap_int.h", "ap_fixed.h", "hls_stream.h", "hls_burst_maxi.h")
_UNKNOWN = re.compile(
    r"unknown type name|undeclared identifier|no (?:type |template )?named|no member named|undefined template|undeclared|namespace name"
)


def missing_header(message: str, text: str, line: int, column: int) -> str | None:
    """Give the header that declares what a message calls unknown.

    Args:
        message: the compiler's sentence.
        text: the source as it is written.
        line: where the message points in it (1-based; 0 = elsewhere).
        column: 1-based.

    Returns:
        One of `HEADERS`, or None when the message is about something else.
    """
    if not _UNKNOWN.search(message):
        return None
    lines = text.splitlines()
    here = lines[line - 1][max(column, 1) - 1 :] if 0 < line <= len(lines) else ""
    named = " ".join(re.findall(r"'([^']*)'", message))
    if re.search(r"\bburst_maxi\b", named) or re.match(r"(?:hls\s*::\s*)?burst_maxi\b", here):
        return "hls_burst_maxi.h"
    if re.search(r"\bap_u?int\b", named.split("<")[0]):
        return "ap_int.h"
    if re.search(r"\bhls\b", named) or re.match(r"(?:hls\s*::\s*)?stream\b|hls\b", here):
        return "hls_stream.h"
    return None

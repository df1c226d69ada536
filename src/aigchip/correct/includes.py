"""Headers: what a name needs is included, what does not exist is replaced or left out, and callees are declared."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aigchip.correct.distance import nearest
from aigchip.correct.model import NOTHING, Context, Correction, Proposal
from aigchip.diagnose.source import tokens
from aigchip.toolchain.errors import ValidationError

_MISSING = re.compile(r"'([^']+)' file not found")
_REMEDY = re.compile(r'^Add #include "([^"]+)"')
_UNDECLARED = re.compile(r"(?:use of undeclared identifier|unknown type name|no template named) '(\w+)'")
_PLAIN = re.compile(r"^[A-Za-z_][\w+-]*(?:\.[A-Za-z]{1,3})?$|^hls/[\w.]+$|^[A-Za-z_]+/[A-Za-z_]\w*\.h$")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^">\n]+)[">][^\n]*\n?', re.MULTILINE)
_STANDARD = {
    "cstdint": "stdint.h",
    "cstddef": "stddef.h",
    "climits": "limits.h",
    "cfloat": "float.h",
    "stdbool": "stdbool.h",
    "ap_uint.h": "ap_int.h",
    "hls/stream.h": "hls_stream.h",
    "stream.h": "hls_stream.h",
    "burst_maxi.h": "hls_burst_maxi.h",
}
_FREESTANDING = ("stdint.h", "stddef.h", "stdbool.h", "limits.h", "float.h")
_STANDARD_NAMES = {
    **dict.fromkeys(
        ("int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t"), "stdint.h"
    ),
    "size_t": "stddef.h",
    "INT_MAX": "limits.h",
    "INT_MIN": "limits.h",
}


class Includes:
    """Add a missing header or declaration; replace or leave out a header that does not exist."""

    name = "includes"

    def __call__(self, code: str, error: ValidationError, context: Context) -> Proposal:
        """Propose the one header that declares the name, or what becomes of the one that was not found."""
        if missing := _MISSING.search(error.message):
            return self._not_found(code, missing.group(1), context)
        if (named := _REMEDY.search(error.remedy)) and named.group(1) not in _included(code):
            return self._add(code, error.message.split("'")[1] if "'" in error.message else "a name", named.group(1))
        if undeclared := _UNDECLARED.search(error.message):
            return self._undeclared(code, undeclared.group(1), context)
        return NOTHING

    def _not_found(self, code: str, header: str, context: Context) -> Proposal:
        name = next((own for own in _included(code) if own == header or own.endswith(f"/{header}")), header)
        if not _PLAIN.match(name) or header not in {own.rpartition("/")[2] for own in _included(code)} | _included(
            code
        ):
            return NOTHING  # a path, or computed: a person or the model has to look at it
        known = {*context.headers, *_FREESTANDING}
        if name in known:
            return NOTHING
        right = _STANDARD.get(name, "") or next(iter(nearest(name, known)), "")
        if len(nearest(name, known)) > 1 and name not in _STANDARD:
            return Proposal(declined=f"{name} does not exist; {' and '.join(nearest(name, known))} are equally near")
        line = next(match for match in _INCLUDE.finditer(code) if match.group(1) == name)
        if right and right not in _included(code):
            after = code[: line.start()] + f'#include "{right}"\n' + code[line.end() :]
            what = f"the header {name} does not exist; {right} does"
        else:
            after = code[: line.start()] + code[line.end() :]
            what = f"the header {name} does not exist"
        return Proposal(corrections=(Correction(by=self.name, what=what, before=code, after=after),))

    def _undeclared(self, code: str, name: str, context: Context) -> Proposal:
        for declaration in context.callees:
            own = re.search(rf"^[\w:<>, ]+[ &]{re.escape(name)}\s*\(", code, re.MULTILINE)
            if own is None and re.search(rf"\b{re.escape(name)}\s*\(", declaration):
                at = _after_includes(code)
                after = f"{code[:at]}{declaration};\n{code[at:]}"
                what = f"the function {name} of another module is not declared"
                return Proposal(corrections=(Correction(by=self.name, what=what, before=code, after=after),))
        headers = [header for header in _declaring(name, code, context.headers) if header not in _included(code)]
        if not headers:
            return NOTHING
        return self._add(code, name, headers[0])

    def _add(self, code: str, name: str, header: str) -> Proposal:
        what = f"{name} is declared in {header}, which is not included"
        after = f'#include "{header}"\n{code}'
        return Proposal(corrections=(Correction(by=self.name, what=what, before=code, after=after),))


def _included(code: str) -> set[str]:
    return {match.group(1) for match in _INCLUDE.finditer(code)}


def _after_includes(code: str) -> int:
    return max((match.end() for match in _INCLUDE.finditer(code)), default=0)


def _declaring(name: str, code: str, headers: Mapping[str, str]) -> list[str]:
    """Return the headers that declare a name for users."""
    if name in _STANDARD_NAMES:
        return [_STANDARD_NAMES[name]]
    if name in {"ap_int", "ap_uint"}:
        return ["ap_int.h"]
    if name == "hls":
        uses = {after.text for at, after in _following(code) if at == "hls"}
        return [f"hls_{use}.h" for use in ("stream", "burst_maxi") if use in uses]
    return [
        header
        for header, text in headers.items()
        if header.startswith("aigchip") and re.search(rf"\b(?:struct|class|enum)\s+{re.escape(name)}\b\s*\{{", text)
    ]


def _following(code: str):
    found = tokens(code)
    return [(a.text, c) for a, b, c in zip(found, found[1:], found[2:], strict=False) if b.text == "::"]

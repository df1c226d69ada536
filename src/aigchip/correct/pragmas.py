"""Pragmas: misspelt, unknown or misplaced ones, and those on a name that does not exist."""

from __future__ import annotations

import re

from aigchip.correct.distance import nearest
from aigchip.correct.model import NOTHING, Context, Correction, Proposal, line_of
from aigchip.diagnose.source import Token, closing, declarations, edited, line_number, line_start, tokens, visible
from aigchip.toolchain.errors import ValidationError
from csynth.frontend.pragmas import KINDS

_UNKNOWN = re.compile(r"pragma HLS (\S+) is (?:not known|refused)")
_OPTION = re.compile(r"pragma HLS (\w+) has the option '(\w+)'; must be one of (.*)")
_VALUE = re.compile(r"pragma HLS (\w+): (\w+) is '([^']*)'; must be one of (.*)")
_NO_VARIABLE = re.compile(r"pragma HLS (\w+) names no variable")
_OUTSIDE = re.compile(r"pragma HLS (\w+) stands outside a loop")
_UNDECLARED = re.compile(r"use of undeclared identifier '(\w+)'")
_HLS = re.compile(r"#\s*pragma\s+HLS\b", re.IGNORECASE)
#: Pragmas of Vitis HLS that csynth refuses, and without which the results are the same.
_ADVICE = frozenset({"allocation", "alias", "bind_op", "protocol", "reset", "resource"})


class Pragmas:
    """Put a pragma right that C synthesis refuses."""

    name = "pragmas"

    def __call__(self, code: str, error: ValidationError, context: Context) -> Proposal:
        """Propose a spelling, a place or its removal; what Vitis HLS would ignore is left out."""
        outside = _file_scope(code)
        if outside and error.stage == "csynth":
            return self._one(code, *outside)
        line, _ = line_of(error, context)
        pragma = _pragma_on(code, line)
        if pragma is None:
            return NOTHING
        text, message = pragma.text, f"{error.message}. {error.remedy}"
        if found := _UNKNOWN.search(message):
            return self._kind(code, pragma, found.group(1))
        if found := _OPTION.search(message):
            return self._option(code, pragma, found)
        if found := _VALUE.search(message):
            close = nearest(found.group(3), re.findall(r"\w+", found.group(4).partition(".")[0]))
            if len(close) != 1:
                return Proposal(declined=f"{found.group(2)}={found.group(3)} is near to no single value")
            changed = re.sub(
                rf"(\b{found.group(2)}\s*=\s*){re.escape(found.group(3))}", rf"\g<1>{close[0]}", text, flags=re.I
            )
            return self._text(
                code, pragma, changed, f"{found.group(2)} is {found.group(3)}; the nearest value is {close[0]}"
            )
        if _NO_VARIABLE.search(message):
            return self._variable_missing(code, pragma)
        if found := _OUTSIDE.search(message):
            return self._outside(code, pragma, found.group(1).lower())
        if (found := _UNDECLARED.search(message)) and re.search(rf"variable\s*=\s*{found.group(1)}\b", text, re.I):
            return self._variable(code, pragma, found.group(1))
        return NOTHING

    def _one(self, code: str, after: str, what: str) -> Proposal:
        return (
            Proposal(corrections=(Correction(by=self.name, what=what, before=code, after=after),))
            if after != code
            else NOTHING
        )

    def _text(self, code: str, pragma: Token, text: str, what: str) -> Proposal:
        return self._one(code, edited(code, [(pragma.start, pragma.end, text)]), what)

    def _without(self, code: str, pragma: Token, what: str) -> Proposal:
        start = code.rfind("\n", 0, pragma.start) + 1
        end = code.find("\n", pragma.end) + 1 or len(code)
        return self._one(code, code[:start] + code[end:], what)

    def _kind(self, code: str, pragma: Token, kind: str) -> Proposal:
        close = nearest(kind, KINDS)
        if kind not in _ADVICE and len(close) == 1:
            text = re.sub(rf"(HLS\s+){re.escape(kind)}", rf"\g<1>{close[0]}", pragma.text, count=1, flags=re.IGNORECASE)
            return self._text(code, pragma, text, f"there is no pragma {kind}; the nearest one is {close[0]}")
        if len(close) > 1:
            return Proposal(declined=f"there is no pragma {kind}; {' and '.join(close)} are equally near")
        return self._without(code, pragma, f"the pragma {kind} is no requirement; it is left out")

    def _option(self, code: str, pragma: Token, found: re.Match[str]) -> Proposal:
        wrong, known = found.group(2), set(re.findall(r"\w+", found.group(3).partition(".")[0]))
        if "variable" in known and "variable" not in pragma.text and wrong in visible(code, pragma.start):
            return self._variable_missing(code, pragma)
        close = nearest(wrong, known)
        if len(close) > 1:
            return Proposal(declined=f"there is no option {wrong}; {' and '.join(close)} are equally near")
        if close:
            text = re.sub(rf"\b{wrong}\b(?=\s*=|\s|$)", close[0], pragma.text, count=1)
            return self._text(code, pragma, text, f"there is no option {wrong}; the nearest one is {close[0]}")
        text = re.sub(rf"\s+\b{wrong}\b(\s*=\s*\S+)?", "", pragma.text, count=1)
        return self._text(code, pragma, text, f"there is no option {wrong}; it is left out")

    def _variable_missing(self, code: str, pragma: Token) -> Proposal:
        names = visible(code, pragma.start)
        bare = [word for word in re.findall(r"(?<![=\w])\b[A-Za-z_]\w*\b(?!\s*=)", pragma.text) if word in names]
        if len(bare) != 1:
            return Proposal(declined="the pragma names no variable, and none can be told from it")
        text = re.sub(rf"\b{bare[0]}\b", f"variable={bare[0]}", pragma.text, count=1)
        return self._text(code, pragma, text, f"the pragma's variable {bare[0]} is given without variable=")

    def _variable(self, code: str, pragma: Token, wrong: str) -> Proposal:
        names = visible(code, pragma.end)
        if wrong in names:
            return NOTHING
        later = [
            d for d in declarations(code) if d.name == wrong and pragma.start < d.start < _function_end(code, pragma)
        ]
        if later:
            return self._move_after(code, pragma, later[0].start, wrong)
        arrays = {name for name, declared in names.items() if declared.array}
        close = nearest(wrong, arrays) or nearest(wrong, names)
        if len(close) == 1:
            text = re.sub(rf"(variable\s*=\s*){wrong}\b", rf"\g<1>{close[0]}", pragma.text, flags=re.IGNORECASE)
            return self._text(
                code, pragma, text, f"the pragma names {wrong}, which is not declared; the nearest is {close[0]}"
            )
        if close:
            return Proposal(
                declined=f"the pragma names {wrong}, which is not declared; {' and '.join(close)} are equally near"
            )
        return self._without(code, pragma, f"the pragma names {wrong}, which is declared nowhere; it is left out")

    def _move_after(self, code: str, pragma: Token, start: int, name: str) -> Proposal:
        end = code.find(";", start)
        line_end = code.find("\n", end) + 1
        first = code.rfind("\n", 0, pragma.start) + 1
        last = code.find("\n", pragma.end) + 1
        line = code[first:last]
        after = code[:first] + code[last:line_end] + line + code[line_end:]
        return self._one(code, after, f"the pragma stands before the declaration of {name}")

    def _outside(self, code: str, pragma: Token, kind: str) -> Proposal:
        """Move a pragma of a loop from before the loop to the start of its body."""
        found = tokens(code)
        index = next(at for at, token in enumerate(found) if token.start == pragma.start)
        after = index + 1
        while after < len(found) and found[after].kind == "directive":
            after += 1
        if after + 1 < len(found) and found[after].kind == "word" and found[after + 1].text == ":":
            after += 2
        if after >= len(found) or found[after].text not in {"for", "while"}:
            return self._without(code, pragma, f"the pragma {kind} belongs to no loop; it is left out")
        close = closing(found, after + 1)
        if close is None or close + 1 >= len(found) or found[close + 1].text != "{":
            return Proposal(declined=f"the pragma {kind} stands before a loop whose body has no braces")
        body = found[close + 1].end
        first = code.rfind("\n", 0, pragma.start) + 1
        last = code.find("\n", pragma.end) + 1 or len(code)
        line = code[first:last].rstrip("\n")
        inner = found[close + 2] if close + 2 < len(found) else None
        same_line = inner is not None and line_number(code, inner.start) == line_number(code, body)
        rest = "\n" if same_line or code[body : body + 1] != "\n" else ""
        comment = "" if same_line else code[body : code.find("\n", body)] if rest else ""
        at = body + len(comment)
        text = code[:first] + code[last:at] + "\n" + line + ("\n" if same_line else "") + code[at:]
        return self._one(code, text, f"the pragma {kind} stands before its loop; it belongs into the loop's body")


def _pragma_on(code: str, line: int) -> Token | None:
    if not line:
        return None
    start, end = line_start(code, line), line_start(code, line + 1)
    for token in tokens(code):
        if token.kind == "directive" and start <= token.start < max(end, start + 1) and _HLS.match(token.text):
            return token
    return None


def _function_end(code: str, pragma: Token) -> int:
    found = tokens(code)
    open_braces: list[int] = []
    for index, token in enumerate(found):
        if token.start > pragma.start:
            break
        if token.text == "{" and token.kind == "mark":
            open_braces.append(index)
        elif token.text == "}" and token.kind == "mark" and open_braces:
            open_braces.pop()
    close = closing(found, open_braces[0]) if open_braces else None
    return found[close].start if close is not None else len(code)


def _file_scope(code: str) -> tuple[str, str] | None:
    """Move the first pragma outside every function into the function that follows; no correct code has one there."""
    found = tokens(code)
    depth = 0
    for index, token in enumerate(found):
        if token.kind == "mark":
            depth += (token.text == "{") - (token.text == "}")
        if depth or token.kind != "directive" or not _HLS.match(token.text):
            continue
        brace = next((at for at in range(index, len(found)) if found[at].text in {"{", ";"}), None)
        first = code.rfind("\n", 0, token.start) + 1
        last = code.find("\n", token.end) + 1 or len(code)
        if brace is None or found[brace].text == ";":
            return code[:first] + code[last:], "a pragma stands outside every function; it is left out"
        line = code[first:last].rstrip("\n")
        at = found[brace].end
        end = code.find("\n", at)
        rest = code[at:end] if end >= 0 and not code[at:end].split("//", maxsplit=1)[0].strip() else ""
        at += len(rest)
        tail = "" if code[at : at + 1] == "\n" else "\n"
        return code[:first] + code[last:at] + "\n" + line + tail + code[at:], "a pragma stands before its function"
    return None

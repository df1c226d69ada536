"""Read the output of any of the tools: which lines are warnings or errors, and what each of them means."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from aigchip.diagnose.message import Location, ToolMessage
from aigchip.diagnose.rules import BY_IDENTIFIER, REMEDY_OTHER, RULES

_IDENTIFIER = r"\[(?P<id>(?:[A-Za-z][\w+]*)(?: [\w.]+)?-\d+|[A-Za-z][\w+]* \w+-\w+)\]"
_HEAD = re.compile(
    rf"(?P<severity>CRITICAL WARNING|FATAL(?: ERROR)?|ERROR|WARNING|INFO|NOTE|@[EWI])(?:(?P<colon>:)|(?=\s*\[))\s*"
    rf"(?:{_IDENTIFIER})?\s*"
)
_SHORT_HEAD = re.compile(r"^\s*@(?P<severity>[EWI])\s+")
_ID_ONLY = re.compile(rf"^\s*{_IDENTIFIER}\s*")
_INSIDE_HEAD = re.compile(rf"(?P<severity>CRITICAL WARNING|ERROR|WARNING): {_IDENTIFIER}\s*")
_CLANG = re.compile(
    r"^(?:(?P<place>(?:[A-Za-z]:[\\/])?[^:\n]+?:\d+(?::\d+)?): )?(?P<severity>fatal error|error|warning|note|remark): "
    r"(?P<text>.*)$"
)
_PLACE = re.compile(
    r"(?P<file>(?:(?<![A-Za-z])[A-Za-z]:[\\/])?[^\s:'\"()<>\[\],=|]+\.(?:c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inc|tcl|cfg|ini|v|sv|vhdl?))"
    r"(?::(?P<line>\d+)(?::(?P<column>\d+))?|\((?P<paren>\d+)\))",
    re.IGNORECASE,
)
_BARE: tuple[str, ...] = (  # lines that tools write without a severity
    r"^\s*#?\s*An unexpected error has occurred",
    r"^\s*//\s*ERROR!*\s",
    r"^make(\[\d+\])?: \*\*\* ",
    r"^Error in \w+",
    r"^Compilation of .* failed",
    r"^can't (read|find|open) ",
    r"^(invalid command name|wrong # args|couldn't (open|read|execute)) ",
    r"Abnormal program termination",
    r"^(Segmentation fault|Aborted|Killed|terminate called)",
    r"^(Cannot|Unable to) .*(pragma|directive)",
    r"undefined reference to ",
    r"^collect2: error",
    r"^(clang|gcc|g\+\+|ld|cc1plus)[\w.+-]*(\.exe)?: (fatal )?error:",
    r"^child process exited abnormally",
)
_BARE_PATTERN = re.compile("|".join(f"(?:{pattern})" for pattern in _BARE))
_KEPT_QUOTES = re.compile(
    r"^(#pragma.*|hls .*|.*\bpragma|resource|data_?pack|array_map|function_instantiate|config_\w+.*|set_directive_\w+|"
    r"load|store|call|volatile|const|throw|try|catch|new|delete|free|malloc|asm|[;,(){}\[\]<>=]|ap_ctrl_\w+)$",
    re.IGNORECASE,
)
_TOOLS = (
    (r"v\+\+", "v++"),
    (
        r"(Common|Vivado|DRC|Place|Route|Synth|Opt|IP_Flow|BD|Timing|Power|Project|filemgmt|XSIM|VRFC|Runs|Netlist)",
        "vivado",
    ),
)


def masked(text: str) -> str:
    """Replace what belongs to the user, names in quotes, places and numbers, so that only the tool's words are left."""
    text = _PLACE.sub("FILE", text)
    text = re.sub(r"'([^']*)'", lambda m: m.group() if _KEPT_QUOTES.match(m.group(1)) else "'NAME'", text)
    text = re.sub(r'"[^"]*"', '"NAME"', text)
    return re.sub(r"(?<![\w.])-?\d+(?:\.\d+)?", "#", text)


def classify(text: str, identifier: str = "") -> tuple[str, str]:
    """Return the class of a message and the remedy.

    Args:
        text: the sentence without severity and identifier.
        identifier: the tool's own, such as `SCHED 204-68`; only asked where no rule knows the text.
    """
    words = masked(text)
    for rule in RULES:
        if rule.pattern.search(words):
            return rule.error_class, rule.remedy
    for pattern, error_class in BY_IDENTIFIER:
        if re.match(pattern, identifier):
            return error_class, REMEDY_OTHER
    return "other", REMEDY_OTHER


def place_of(text: str) -> Location | None:
    """Return the place that a message names last: tools name the cause first and the statement last."""
    places = list(_PLACE.finditer(text))
    if not places:
        return None
    found = places[-1]
    return Location(
        file=found["file"], line=int(found["line"] or found["paren"] or 0), column=int(found["column"] or 0)
    )


def _tool(identifier: str, severity: str) -> str:
    for pattern, tool in _TOOLS:
        if re.match(pattern, identifier):
            return tool
    if identifier.startswith("HLS") and not re.match(r"HLS-\d", identifier):
        return "vitis_hls" if re.match(r"HLS (207|214|200-(8|9|1\d\d\d|2\d\d\d))", identifier) else "hls"
    if severity.startswith("@") or re.match(r"\w+-\d+$", identifier):
        return "vivado_hls"
    return "hls" if identifier else ""


def _message(text: str, *, severity: str, identifier: str = "", tool: str = "", place: str = "") -> ToolMessage:
    error_class, remedy = classify(text, identifier)
    location = place_of(f"{place} " if place else text)
    one_line = " ".join(text.split())
    at_end = re.search(r"\s*[:(]\s*[^\s()]+:\d+(:\d+)?\)?\s*$", one_line)
    if location is not None and at_end and at_end.start() > 0:
        one_line = one_line[: at_end.start()]
    return ToolMessage(
        error_class=error_class,
        message=one_line[:500],
        remedy=remedy,
        severity="warning" if "WARN" in severity.upper() or severity == "@W" else "error",
        tool=tool or _tool(identifier, severity),
        identifier=identifier,
        location=location,
    )


def parse_message(line: str) -> ToolMessage | None:
    """Read one message.

    Args:
        line: a line of a log, with its continuation lines if it has any.

    Returns:
        None if it is neither a warning nor an error: information, progress, totals, a banner.
    """
    line = unwrapped(line).strip("\r\n")
    first = line.lstrip()
    head = _HEAD.match(first.removeprefix("//").lstrip())
    if head is not None:
        if head["severity"] in {"INFO", "NOTE", "@I"}:
            return None
        text = first.removeprefix("//").lstrip()[head.end() :]
        if not text.strip():
            return None
        inner = _CLANG.match(text)
        text = inner["text"] if inner and inner["place"] else text
        place = inner["place"] if inner and inner["place"] else ""
        return _message(text, severity=head["severity"], identifier=head["id"] or "", place=place)
    short = _SHORT_HEAD.match(first)
    if short is not None:
        return None if short["severity"] == "I" else _message(first[short.end() :], severity=f"@{short['severity']}")
    identified = _ID_ONLY.match(first)
    if identified is not None:
        rest = first[identified.end() :]
        error_class, _ = classify(rest, identified["id"])
        return None if error_class == "other" else _message(rest, severity="ERROR", identifier=identified["id"])
    inside = _INSIDE_HEAD.search(first)
    if inside is not None:
        return _message(first[inside.end() :], severity=inside["severity"], identifier=inside["id"])
    clang = _CLANG.match(first)
    if clang is not None:
        if clang["severity"] in {"note", "remark"}:
            return None
        return _message(clang["text"], severity=clang["severity"], tool="clang", place=clang["place"] or "")
    if _BARE_PATTERN.search(first):
        return _message(first.lstrip("/# "), severity="ERROR")
    return None


def unwrapped(line: str) -> str:
    """Take the message out of the XML that the graphical tools write around it."""
    found = re.search(r'<logs?\b[^>]*\bmessage="([^"]*)"', line)
    return html.unescape(found.group(1)) if found else line


def parse_log(text: str) -> Iterator[ToolMessage]:
    """Read the warnings and errors of a whole log, in order; a message that is repeated is given once."""
    seen: set[ToolMessage] = set()
    for line in text.splitlines():
        message = parse_message(line)
        if message is not None and message not in seen:
            seen.add(message)
            yield message

"""Wrong versions of a module, made from the expert's code: what a test bench worth its name must refuse.

Each keeps the module's interface and, where it can, the number of words, so that a bench that only counts passes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aigchip.template.module import Port
from aigchip.toolchain.contract import Contract

Mutation = Callable[[Port], str]

FAMILIES: dict[str, str] = {
    "no-op": "nothing is computed",
    "off-by-one": "a value or a count is one beside the right one",
    "saturating": "values beyond a smaller range are clamped",
    "input-independent": "one input has no influence",
    "truncated": "the upper half of each word is lost",
    "shifted": "the bits of each word stand one place beside theirs",
    "stuck": "the first word is given for ever",
    "out-of-order": "neighbouring words come in the wrong order, or one call late",
    "stateful": "only the first call is right",
}
"""Every module is tried with at least one wrong version of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongVersion:
    """A wrong version.

    Attributes:
        family: the kind of mistake, a key of `FAMILIES`.
        name: what exactly is wrong.
        body: the body of the module's function; it may call the expert's as `<function>_expert`.
    """

    family: str
    name: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShorterLoop:
    """The expert's code with one loop a round shorter; right where the last round does not matter.

    Attributes:
        name: which loop.
        code: the whole source.
    """

    name: str
    code: str


SELECT = "aigchip_audit_select"
"""The function that a combined program exports: it chooses the version that the next calls run."""


def _type(port: Port) -> str:
    return f"ap_uint<{port.width_bits}>"


def _changed_ports(contract: Contract) -> list[Port]:
    """Return the ports that a wrapper changes: the outputs, or the data inputs of a module that writes memory."""
    outputs = [port for port in contract.ports if port.kind in {"stream_out", "return"}]
    return outputs or [port for port in contract.ports if port.kind == "stream_in" and port.name != "commands"]


def _incremented(port: Port) -> str:
    """Add 1 to a word bit by bit, since a sum is wider than the word, which may be as wide as ap_uint can be."""
    return f"for (int bit = 0; bit < {port.width_bits}; bit++) {{ v[bit] = !v[bit]; if (v[bit]) break; }}"


def _saturate(lane_bits: int, kept_bits: int) -> Mutation:
    """Clamp each lane of a word to the range of fewer bits."""

    def statement(port: Port) -> str:
        return (
            f"for (int lane = 0; lane < {port.width_bits // lane_bits}; lane++) {{ "
            f"ap_int<{lane_bits}> e = v({lane_bits} * lane + {lane_bits - 1}, {lane_bits} * lane); "
            f"if (e > {(1 << (kept_bits - 1)) - 1}) e = {(1 << (kept_bits - 1)) - 1}; "
            f"if (e < {-(1 << (kept_bits - 1))}) e = {-(1 << (kept_bits - 1))}; "
            f"v({lane_bits} * lane + {lane_bits - 1}, {lane_bits} * lane) = e; }}"
        )

    return statement


def _body(
    contract: Contract,
    *,
    words: Mutation | None = None,
    last: str = "",
    blank: str = "",
    memory: int = 1,
    first: str = "",
) -> str:
    """Write a wrapper that calls the renamed expert and spoils its inputs or outputs.

    Args:
        contract: the module's interface.
        words: statement that changes `v`, a word of an output (of the data inputs where the output is a memory).
        last: what happens to the last output word, "flip", "drop" or "double"; "swap" changes the order of neighbours.
        blank: name of an input whose words become 0.
        memory: words to give a blank memory.
        first: statements at the beginning of each call.
    """
    lines: list[str] = [first]
    arguments: list[str] = []
    changed = _changed_ports(contract)
    for port in contract.arguments:
        kind, name = _type(port), port.name
        spoiled = port in changed and (words or last)
        if name == blank and port.kind == "scalar_in":
            arguments.append(f"{kind}(0)")
        elif name == blank and port.kind == "maxi":
            lines += (
                f"{kind}* blank = ({kind}*)csynth_csim::allocate({memory} * sizeof({kind}));",
                f"hls::burst_maxi<{kind} > blank_{name}(blank, {memory});",
            )
            arguments.append(f"blank_{name}")
        elif port.kind == "stream_in" and (name == blank or spoiled):
            change = "v = 0;" if name == blank else words(port) if words else ""
            lines += (f"hls::stream<{kind} > changed_{name};", _copy(kind, name, f"changed_{name}", change, last))
            arguments.append(f"changed_{name}")
        elif port.kind == "stream_out":
            lines.append(f"hls::stream<{kind} > true_{name};")
            arguments.append(f"true_{name}")
        else:
            arguments.append(name)
    call = f"{contract.function}_expert({', '.join(arguments)});"
    lines.append(f"{_type(contract.returned)} v = {call}" if contract.returned else call)
    for port in contract.arguments:
        if port.kind == "stream_out":
            lines.append(_copy(_type(port), f"true_{port.name}", port.name, words(port) if words else "", last))
    if contract.returned:
        flip = "v = v ^ 1u;" if last == "flip" else ""
        lines += (words(contract.returned) if words else flip, "return v;")
    return "\n".join(f"  {line}" for line in lines if line)


def _copy(kind: str, source: str, target: str, change: str, last: str) -> str:
    """Move all words, changing each, and the last one in a way of its own."""
    write = {
        "flip": f"if ({source}.empty()) v = v ^ 1u; {target}.write(v);",
        "drop": f"if (!{source}.empty()) {target}.write(v);",
        "swap": f"if (!{source}.empty()) {target}.write({source}.read()); {target}.write(v);",
        "double": f"{target}.write(v); if ({source}.empty()) {target}.write(v);",
    }.get(last, f"{target}.write(v);")
    return f"while (!{source}.empty()) {{ {kind} v = {source}.read(); {change} {write} }}"


def combined(expert: str, contract: Contract, versions: Sequence[WrongVersion]) -> str:
    """Write one source that holds them all, so that the expert's code is compiled once.

    `SELECT` chooses: 0 is the expert's own code, then the versions in their order.
    """
    function, parameters = contract.function, contract.declaration.partition("(")[2]
    returns = contract.declaration.partition(f" {function}(")[0]
    names = ", ".join(port.name for port in contract.arguments)
    includes = "\n".join(re.findall(r"^#include[^\n]*", expert, re.M))
    renamed = re.sub(rf"\b{function}\b", f"{function}_expert", expert)
    parts = [includes, f"__attribute__((noinline)) {returns} {function}_expert({parameters};", renamed]
    for number, version in enumerate(versions, 1):
        parts.append(f"static __attribute__((noinline)) {returns} wrong_{number}({parameters} {{\n{version.body}\n}}")
    cases = "\n".join(f"    case {number}: return wrong_{number}({names});" for number in range(1, len(versions) + 1))
    parts += [
        "static unsigned chosen_version = 0;",
        f'extern "C" __attribute__((export_name("{SELECT}"))) void {SELECT}(unsigned which) {{',
        "  chosen_version = which;\n}",
        f"{contract.declaration} {{\n  switch (chosen_version) {{\n{cases}",
        f"    default: return {function}_expert({names});\n  }}\n}}\n",
    ]
    return "\n".join(parts)


def shorter_loops(expert: str, contract: Contract) -> Iterator[ShorterLoop]:
    """Make each loop of the text one round shorter."""
    for match in re.finditer(r"for \([^;]*;\s*(\w+) < ([^;]+);", expert):
        start, end = match.span(2)
        line = expert.count("\n", 0, start) + 1
        code = f"{expert[:start]}({match.group(2)}) - 1{expert[end:]}"
        yield ShorterLoop(
            name=f"the loop over {match.group(1)} in line {line} of {contract.file} ends one round early", code=code
        )


def wrong_versions(contract: Contract, memory_words: int) -> Iterator[WrongVersion]:
    """Make every wrong version of a module.

    Args:
        contract: the module's interface.
        memory_words: size of the largest memory of the vectors.
    """
    nothing = f"return {_type(contract.returned)}(0);" if contract.returned else ""
    yield WrongVersion(family="no-op", name="does nothing", body=nothing)

    def wrap(family: str, name: str, body: str) -> WrongVersion:
        return WrongVersion(family=family, name=name, body=body)

    yield wrap("no-op", "writes the right number of words, all 0", _body(contract, words=lambda _: "v = 0;"))
    yield wrap("off-by-one", "adds 1 to every word", _body(contract, words=_incremented))
    yield wrap("off-by-one", "flips the lowest bit of the last word", _body(contract, last="flip"))
    if any(port.kind == "stream_out" for port in contract.ports):
        yield wrap("off-by-one", "leaves out the last word", _body(contract, last="drop"))
        yield wrap("off-by-one", "writes the last word twice", _body(contract, last="double"))
    ports = _changed_ports(contract)
    for lane_bits, kept_bits in ((8, 7), (32, 16)):
        if all(port.width_bits % lane_bits == 0 for port in ports):
            text = f"clamps every {lane_bits}-bit element to {kept_bits} bits"
            yield wrap("saturating", text, _body(contract, words=_saturate(lane_bits, kept_bits)))
    if any(port.width_bits % 8 for port in ports):
        text = "clamps every word to half its range"
        yield wrap(
            "saturating", text, _body(contract, words=lambda p: f"if (v[{p.width_bits - 1}]) v = {_type(p)}(-1) >> 1;")
        )
    for port in contract.arguments:
        if port.kind != "stream_out" and not port.unread:
            body = _body(contract, blank=port.name, memory=max(1, memory_words))
            yield wrap("input-independent", f"takes 0 for every word of {port.name}", body)
    yield from _kinds_of_state_and_width(contract)


def _kinds_of_state_and_width(contract: Contract) -> Iterator[WrongVersion]:
    """Make the versions that lose or move bits, keep words, or keep state between calls."""

    def wrong(family: str, name: str, **how: object) -> WrongVersion:
        return WrongVersion(family=family, name=name, body=_body(contract, **how))  # type: ignore[arg-type]

    def upper_half_lost(port: Port) -> str:
        return f"v({port.width_bits - 1}, {port.width_bits // 2}) = 0;"

    def one_place_beside(port: Port) -> str:
        return f"v = (v << 1) | (v >> {port.width_bits - 1});"

    def kept_for_ever(port: Port) -> str:
        return f"static bool any = false; static {_type(port)} kept; if (!any) {{ kept = v; any = true; }} v = kept;"

    def one_call_late(port: Port) -> str:
        return f"static {_type(port)} before; {_type(port)} now = v; v = before; before = now;"

    yield wrong("truncated", "loses the upper half of every word", words=upper_half_lost)
    yield wrong("shifted", "rotates every word by one bit", words=one_place_beside)
    yield wrong("stuck", "gives the first word for ever", words=kept_for_ever)
    if contract.returned:
        yield wrong("out-of-order", "returns the result of the call before", words=one_call_late)
    else:
        yield wrong("out-of-order", "swaps neighbouring words", last="swap")
    yield wrong(
        "stateful",
        "flips the lowest bit of every word from the second call on",
        words=lambda _: "if (calls > 1) v = v ^ 1u;",
        first="static unsigned calls = 0; calls++;",
    )

"""Slips put into the experts' code are corrected to code that passes the bench; right code stays byte for byte."""

from __future__ import annotations

import re
from functools import cache

import pytest
from unit.template.designs import random_design

from aigchip.correct.model import Context
from aigchip.correct.run import PASSES, correct
from aigchip.diagnose.source import declarations, edited, tokens
from aigchip.space.derive import INSTANCES, local_parameters
from aigchip.template import module as template
from aigchip.toolchain.contract import Contract, callee_name, include_dirs
from aigchip.toolchain.csim import simulate
from aigchip.toolchain.errors import ValidationError

PARAMETERS = local_parameters(random_design(3))
HEADERS = {path.name: path.read_text() for folder in include_dirs() for path in folder.glob("*.h")}


def callees(instance: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for declaration in template.load(instance).callees(PARAMETERS[instance]):
        name = callee_name(declaration)
        found[name] = template.load(name).expert_code(PARAMETERS[name])
        found |= callees(name)
    return found


@cache
def expert(instance: str) -> tuple[str, Contract, Context]:
    module = template.load(instance)
    contract = Contract.of(module, PARAMETERS[instance])
    context = Context(contract=contract, headers=HEADERS, callees=contract.callees)
    return module.expert_code(PARAMETERS[instance]), contract, context


def judged(instance: str, code: str) -> tuple[ValidationError, ...]:
    vectors = template.load(instance).vectors(PARAMETERS[instance], 0)
    return simulate(code, expert(instance)[1], vectors, callees=callees(instance)).errors


def repaired(instance: str, code: str) -> str:
    errors = judged(instance, code)
    assert errors, "the slip changes nothing"
    result = correct(code, errors, expert(instance)[2], lambda text: judged(instance, text))
    assert result.ok, (result.log, [str(error) for error in result.errors])
    assert result.corrections
    assert all(correction.diff for correction in result.corrections)
    return result.code


def false_error(message: str, line: int, column: int, contract: Contract, kind: str = "compile") -> ValidationError:
    where = f"{contract.file}:{line}:{column}"
    stage = "csynth" if message.startswith("pragma") else "contract" if kind == "signature" else "compile"
    return ValidationError(stage=stage, error_class=kind, message=message, location=where, remedy="")


@pytest.mark.parametrize("instance", INSTANCES)
def test_right_code_stays_as_it_is(instance: str):
    code, contract, context = expert(instance)
    assert correct(code, (), context, lambda _: ()).code == code
    errors = [false_error(f"{contract.function} has another type; must be x", 1, 1, contract, "signature")]
    errors += [false_error(f"'{name}' file not found", 1, 10, contract, "forbidden") for name in HEADERS]
    declared = {name.name for name in declarations(code)} | {"ap_int", "ap_uint", "hls"}
    for token in tokens(code):
        line = code.count("\n", 0, token.start) + 1
        column = token.start - (code.rfind("\n", 0, token.start) + 1) + 1
        if token.kind == "word" and token.text in declared:
            errors.append(false_error(f"use of undeclared identifier '{token.text}'", line, column, contract))
        elif token.kind == "directive" and "HLS" in token.text:
            errors.append(false_error("use of undeclared identifier 'bank'", line, column, contract))
    for error in errors:
        for one in PASSES:
            proposal = one(code, error, context)
            assert not proposal.corrections, (one.name, error, proposal.corrections[0].diff)


def used(instance: str) -> list[tuple[str, int]]:
    """Return names of at least 4 letters that the code declares and uses, with the offset of the last use."""
    code = expert(instance)[0]
    places = {name.start for name in declarations(code)}
    names = {name.name for name in declarations(code)} | {"ap_uint", "ap_int"}
    last = {t.text: t.start for t in tokens(code) if t.kind == "word" and t.text in names and t.start not in places}
    unlike = {name for name in last if f"{name}s" not in names and name[:-1] not in names}  # else two are equally near
    return sorted((name, at) for name, at in last.items() if len(name) >= 4 and name in unlike)


SLIPS = {
    "swapped": lambda name: name[:1] + name[2] + name[1] + name[3:] if name[1] != name[2] else name + name[-1],
    "doubled": lambda name: name + name[-1],
    "left out": lambda name: name[:2] + name[3:],
    "case": lambda name: name.upper(),
}


@pytest.mark.parametrize("instance", INSTANCES)
@pytest.mark.parametrize("kind", SLIPS)
def test_typing_slips(instance: str, kind: str):
    code = expert(instance)[0]
    for name, at in used(instance)[:: max(1, len(used(instance)) // 2)][:1]:
        slip = SLIPS[kind](name)
        assert repaired(instance, code[:at] + slip + code[at + len(name) :]) == code


def drifted(declaration: str, kind: str) -> str:
    head, _, rest = declaration.partition("(")
    arguments = rest.rpartition(")")[0]
    if kind == "value":
        return (
            f"{head}({arguments.replace('&', '')})"
            if "&" in arguments
            else f"{head}({arguments.replace(' a,', '& a,')})"
        )
    if kind == "const":
        return f"{head}(const {arguments})"
    if kind == "return type":
        return (
            "int" + declaration[len(head.split()[0]) :]
            if head.startswith("void")
            else "unsigned" + declaration[head.rindex(" ") :]
        )
    return f"{kind} {declaration}"


@pytest.mark.parametrize("instance", ["mac", "load_a", "post", "buffer_c", "pe_array"])
@pytest.mark.parametrize("kind", ["value", "const", "static", "inline", 'extern "C"', "return type"])
def test_signature_drift(instance: str, kind: str):
    code, contract, _ = expert(instance)
    if (instance, kind) == ("mac", "const"):
        pytest.skip("a const argument by value has the same type")
    bad = code.replace(contract.declaration, drifted(contract.declaration, kind))
    assert bad != code
    assert repaired(instance, bad) == code


@pytest.mark.parametrize("instance", ["mac", "post", "interconnect"])
def test_renamed_arguments(instance: str):
    code, contract, _ = expert(instance)
    names = {port.name for port in contract.arguments}
    found = tokens(code)
    plain = [t for last, t in zip([found[0], *found], found, strict=False) if last.text not in {".", "::"}]
    bad = "inline ".join(
        edited(code, [(t.start, t.end, f"{t.text}_s") for t in plain if t.text in names]).rpartition(
            contract.declaration.split("(")[0]
        )[::2]
    ).replace("inline (", "inline " + contract.declaration.split("(")[0] + "(")
    result = repaired(instance, bad)
    assert contract.declaration in result


def test_arguments_in_another_order_are_matched_by_name():
    code, contract, _ = expert("pe_lane")
    head, _, rest = contract.declaration.partition("(")
    parts = rest.rstrip(")").split(", ")
    assert repaired("pe_lane", code.replace(contract.declaration, f"{head}({', '.join(reversed(parts))})")) == code


def test_an_extern_block_is_opened():
    code, contract, _ = expert("mac")
    at = code.index(contract.declaration)
    result = repaired("mac", code[:at] + 'extern "C" {\n' + code[at:] + "}\n")
    assert 'extern "C"' not in result


@pytest.mark.parametrize("instance", ["mac", "ctrl", "load_a", "pe_lane"])
def test_missing_includes(instance: str):
    code = expert(instance)[0]
    includes = re.findall(r'^#include "[^"]+"[^\n]*\n', code, re.MULTILINE)
    bad = code
    for line in includes:
        bad = bad.replace(line, "")
    if judged(instance, bad):
        repaired(instance, bad)


@pytest.mark.parametrize(
    "header", ["<ap_uint.h>", '"hls/stream.h"', '"ap_itn.h"', "<cstdint>", '"mac.h"', "<iostream>"]
)
def test_headers_that_do_not_exist(header: str):
    repaired("load_a", f"#include {header}\n" + expert("load_a")[0])


@pytest.mark.parametrize("path", ["/etc/passwd", "../../secret.h", "/proc/self/environ", "..", "a/../b.h"])
def test_paths_are_never_corrected(path: str):
    code, _, context = expert("mac")
    bad = f'#include "{path}"\n{code}'
    result = correct(bad, judged("mac", bad), context, lambda text: judged("mac", text))
    assert not result.ok
    assert result.code == bad


def test_a_missing_declaration_of_a_callee():
    code = expert("pe_lane")[0]
    declaration = expert("pe_lane")[1].callees[0] + ";"
    assert declaration in code
    repaired("pe_lane", code.replace(declaration, ""))


def test_two_names_equally_near_are_left_alone():
    code, contract, context = expert("mac")
    line = code.index("  return sums;")
    bad = code[:line] + "  int wordx = 1; int wordy = 2; sums = sums + wordx - wordy + wordz + 1;\n" + code[line:]
    result = correct(bad, judged("mac", bad), context, lambda text: judged("mac", text))
    assert result.code == bad
    assert result.log == ("names: left alone: wordz is declared nowhere; wordx and wordy are equally near",)
    assert contract.file in str(result.errors[0])


def test_a_change_that_does_not_help_is_taken_back():
    code, _, context = expert("mac")
    bad = code.replace("return sums;", "return smus;")
    errors = judged("mac", bad)
    result = correct(bad, errors, context, lambda _: errors)
    assert result.code == bad
    assert result.log == ("names: taken back: smus is declared nowhere; the nearest name in scope is sums",)


def test_a_correction_has_a_log_line_and_a_diff():
    code, _, context = expert("mac")
    bad = code.replace("return sums;", "return smus;")
    result = correct(bad, judged("mac", bad), context, lambda text: judged("mac", text))
    assert result.log == ("names: smus is declared nowhere; the nearest name in scope is sums",)
    assert result.corrections[0].diff.endswith("-  return smus;\n+  return sums;\n }\n")


BOUNDS = """#include "ap_int.h"
#include "hls_stream.h"
{head} {{
  ap_uint<8> kept[{size}];
  for (int i = 0; i {less} 4; i++) kept[i] = x.read();
  for (int j = 0; j < 4; j++) y.write(kept[j]);
}}
"""


@pytest.mark.parametrize(("size", "less", "what"), [(4, "<=", "the loop over i runs one round past the array of 4 elements"), (3, "<", "the array kept has 3 elements; the loop over i needs 4")])  # fmt: skip
def test_indices_outside_an_array(size: int, less: str, what: str):
    from aigchip.template.module import Port
    from aigchip.template.vectors import Vector

    head = "void f(hls::stream<ap_uint<8> >& x, hls::stream<ap_uint<8> >& y)"
    ports = (Port(name="x", kind="stream_in", width_bits=8, meaning=""), Port(name="y", kind="stream_out", width_bits=8, meaning=""))  # fmt: skip
    contract = Contract(function="f", declaration=head, ports=ports)
    words = (1, 200, 3, 77)
    vectors = [Vector(name="four", streams_in={"x": words}, streams_out={"y": words})]
    if less == "<=":
        vectors = [Vector(name="five", streams_in={"x": words}, streams_out={"y": words})]
    bad = BOUNDS.format(head=head, size=size, less=less)
    if less == "<=":
        bad = bad.replace("kept[i] = x.read();", "kept[i] = i < 4 ? x.read() : ap_uint<8>(0);")

    def judge(code: str) -> tuple[ValidationError, ...]:
        return simulate(code, contract, vectors).errors

    result = correct(bad, judge(bad), Context(contract=contract, headers=HEADERS), judge)
    assert result.ok, result.log
    assert result.log == (f"bounds: {what}",)

"""One model for every tool: severities, identifiers, places, classes, and what is no message at all."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigchip.diagnose.message import CLASSES, Location
from aigchip.diagnose.own import of_validation
from aigchip.diagnose.parse import classify, masked, parse_log, parse_message
from aigchip.diagnose.rules import BY_IDENTIFIER, RULES
from aigchip.toolchain import errors

EXAMPLES = [
    (row[0], row[1])
    for row in csv.reader(
        (Path(__file__).parent / "messages.tsv").read_text().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE
    )
]


@pytest.mark.parametrize(("error_class", "line"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_messages_of_all_the_tools(error_class: str, line: str):
    found = parse_message(line)
    assert found is not None
    assert found.error_class == error_class
    assert found.remedy.endswith(".")


def test_every_class_has_an_example_or_is_our_own():
    assert {error_class for error_class, _ in EXAMPLES} == set(CLASSES) - {"wrong result"}
    assert {rule.error_class for rule in RULES} | {name for _, name in BY_IDENTIFIER} <= set(CLASSES)


def test_the_model():
    found = parse_message(
        "ERROR: [HLS 207-3777] use of undeclared identifier 'sumn'; did you mean 'sum'? (src/k.cpp:61:44)"
    )
    assert found is not None
    assert found.to_dict() == {
        "error_class": "undeclared identifier",
        "message": "use of undeclared identifier 'sumn'; did you mean 'sum'?",
        "remedy": "Declare the name, include its header, or correct its spelling.",
        "severity": "error",
        "tool": "vitis_hls",
        "identifier": "HLS 207-3777",
        "location": {"file": "src/k.cpp", "line": 61, "column": 44},
    }
    assert str(found) == (
        "src/k.cpp:61:44: use of undeclared identifier 'sumn'; did you mean 'sum'?. "
        "Declare the name, include its header, or correct its spelling."
    )


@pytest.mark.parametrize(
    ("line", "tool", "severity", "identifier", "place"),
    [
        (r"ERROR: [HLS 214-124] use of undeclared identifier 'n': C:\a\main.c:7", "vitis_hls", "error", "HLS 214-124", r"C:\a\main.c:7"),
        ("@W [SCHED-69] Unable to schedule 'load' operation ('x', a.c:8) due to limited memory ports.", "vivado_hls", "warning", "SCHED-69", "a.c:8"),
        ("a b.cpp:3:4: error: expected ';' after expression", "clang", "error", "", "b.cpp:3:4"),
        ("DataflowWARNING: [HLS 214-113] Either use an argument of the function: a.h:6:82", "vitis_hls", "warning", "HLS 214-113", "a.h:6:82"),
        ("ERROR: [v++ 60-1620] File does not exist: design.cfg", "v++", "error", "v++ 60-1620", "None"),
        ("CRITICAL WARNING: [Timing 38-282] The design failed to meet the timing requirements.", "vivado", "warning", "Timing 38-282", "None"),
        ("WARNING: [HLS 200-875] II = 3 is infeasible of 'call' operation ('r', m.c:13->m.c:19) to 'f'.", "vitis_hls", "warning", "HLS 200-875", "m.c:19"),
        ('<logs message="ERROR: [HLS 207-59] too many errors emitted, stopping now&#xD;&#xA;" a="b"/>', "vitis_hls", "error", "HLS 207-59", "None"),
        ("ERROR: [VRFC 10-664] expression has 9 elements ; expected 1 [compute.vhd:1116]", "vivado", "error", "VRFC 10-664", "compute.vhd:1116"),
    ],
)  # fmt: skip
def test_forms_of_the_tools(line: str, tool: str, severity: str, identifier: str, place: str):
    found = parse_message(line)
    assert found is not None
    assert (found.tool, found.severity, found.identifier, str(found.location)) == (tool, severity, identifier, place)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "ERROR:",
        "INFO: [SIM 211-1] CSim done with 0 errors.",
        "INFO: [HLS 200-790] **** Loop Constraint Status: All loop constraints were NOT satisfied.",
        "INFO: [Common 17-349] Got license for feature 'Synthesis' and/or device 'xc7z020'",
        "Attempting to get a license for feature 'Synthesis' and/or device 'xc7z020'",
        "***** C/RTL SYNTHESIS COMPLETED IN 0h0m25s *****",
        "Parameter C_DPHASE_TIMEOUT bound to: 8 - type: integer",
        "@I [HLS-10] Analyzing design file 'error.cpp' ...",
        "1 error generated.",
        "Synthesis finished with 0 errors, 0 critical warnings and 1 warnings.",
        "a.cpp:3:4: note: candidate function not viable: no known conversion",
        "analyzing module AESL_deadlock_detect_unit",
    ],
)
def test_what_is_no_message(line: str):
    assert parse_message(line) is None


def test_a_log_gives_each_message_once_and_in_order():
    log = "INFO: [HLS 200-10] x\nERROR: [HLS 200-70] Pre-synthesis failed.\na.c:1:2: error: expected ')'\n" * 2
    assert [(m.tool, m.error_class) for m in parse_log(log)] == [("hls", "other"), ("clang", "other")]


@given(st.text(max_size=300))
def test_any_text_is_read(text: str):
    found = parse_message(text)
    if found is not None:
        assert found.error_class in CLASSES
        assert "\n" not in str(found)


@given(
    st.sampled_from(EXAMPLES),
    st.from_regex(r"\A[a-z]{1,8}_[a-z]{1,8}\Z"),
    st.integers(1, 10**6),
)
def test_names_places_and_numbers_do_not_decide(example: tuple[str, str], name: str, number: int):
    error_class, line = example
    found = parse_message(line)
    assert found is not None
    text = (
        masked(found.message)
        .replace("'NAME'", f"'{name}'")
        .replace("FILE", f"{name}.cpp:{number}")
        .replace("#", str(number))
    )
    identifier = "" if found.identifier.startswith("HLS 207") else found.identifier
    assert classify(text, identifier)[0] == error_class, text


def test_our_own_errors():
    def error(stage: str, kind: str, message: str, location: str) -> errors.ValidationError:
        return errors.ValidationError(
            stage=stage, error_class=kind, message=message, location=location, remedy="Do it."
        )  # type: ignore[arg-type]

    for own, expected in [
        (
            error("compile", "compile", "use of undeclared identifier 'x'", "f.cpp:3:4"),
            ("undeclared identifier", "clang"),
        ),
        (error("csim", "trap", "index 8 is out of bounds of 'int[8]'", "f.cpp:3:4"), ("array out of bounds", "csim")),
        (error("csim", "wrong-result", "word 0 of y is 0x01; must be 0x02", "f.cpp"), ("wrong result", "csim")),
        (error("csynth", "pragma", "pragma HLS pipelin is not known", "f.cpp:3"), ("pragma misuse", "csynth")),
        (error("csynth", "compile", "no matching function for call to 'g'", "f.cpp:3"), ("type mismatch", "csynth")),
        (error("contract", "signature", "f has another type", "f.cpp"), ("interface error", "clang")),
    ]:
        found = of_validation(own)
        assert (found.error_class, found.tool) == expected
        assert str(found) == str(own)
    assert of_validation(error("csim", "trap", "x", "f.cpp:3:4")).location == Location(file="f.cpp", line=3, column=4)

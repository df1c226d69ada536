"""The tables of pragmas and refusals: what the documents show is what the code does, and every code has its row."""

import ast
from pathlib import Path

import csynth
from csynth import tables
from csynth.driver import main
from csynth.frontend.foreign_pragmas import PASSED_OVER, REFUSED
from csynth.frontend.pragmas import KINDS
from csynth.refusals import REFUSALS, tag

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "csynth-refusals.md"
#: The pragmas of UG1399 2024.2, "HLS Pragmas".
VITIS = """aggregate alias allocation array_partition array_reshape array_stencil bind_op bind_storage cache dataflow dependence
disaggregate expression_balance function_instantiate inline interface latency loop_flatten loop_merge loop_tripcount occurrence
performance pipeline protocol reset stable stream top unroll""".split()  # noqa: SIM905
#: Exceptions for what a source or an option does; the others are about tools, IR and simulation.
ABOUT_SOURCES = {
    "UnsupportedError",
    "CompileError",
    "ScheduleError",
    "CsynthError",
    "CannotKeepError",
    "DeadlockError",
    "Told",
}
HELPERS = {"unsupported", "refuse", "_refuse", "error"}


def codes() -> set[str]:
    """Return the code of every refusal that is written in csynth."""
    found = set()
    for path in Path(csynth.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(code := node.args[0], ast.Constant):
                function = node.func
                name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
                if name in ABOUT_SOURCES or (name in HELPERS and len(node.args) > 1):
                    found.add(str(code.value))
    return {code for code in found if " " not in code}


def test_every_code_has_a_row_and_every_row_a_code():
    assert codes() == set(REFUSALS)


def test_every_pragma_of_vitis_hls_has_an_effect_a_note_or_a_reason():
    known = [*KINDS, *PASSED_OVER, *REFUSED]
    assert len(known) == len(set(known))
    assert set(VITIS) <= set(known)


def test_the_page_shows_what_the_command_prints(capsys):
    page = PAGE.read_text()
    for word, table in (("pragmas", tables.pragmas()), ("refusals", tables.refusals())):
        assert table in page, f"csynth {word} prints another table than the page has"
        assert main([word]) == 0
        assert capsys.readouterr().out == table


def test_a_tag_names_the_code_and_the_same_fault_in_vitis_hls():
    assert tag("recursion") == "[recursion]"
    assert tag("no_body") == "[no_body, HLS 214-194, SYNCHK 200-71]"
    assert tag("yosys") == "[yosys]"

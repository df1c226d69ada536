"""The course of one module: first attempt, automatic correction, repair, another demonstration, a person."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.chat_server import chat_server
from support.simulation import Simulation

from aigchip.core import paths
from aigchip.core.store import Store
from aigchip.generate import by_hand
from aigchip.generate.ask import module_request
from aigchip.generate.errors import ModuleFailedError
from aigchip.generate.expert import ExpertGenerator
from aigchip.generate.llm import LlmGenerator
from aigchip.generate.produce import ModuleStep, Produced, produce, read_code, read_provenance
from aigchip.generate.reason import BENCH_SEED, reason_of
from aigchip.generate.validate import Verdict
from aigchip.llm.client import Client
from aigchip.llm.records import Records
from aigchip.llm.settings import Settings
from aigchip.tasks.steps import VECTOR_SEED
from aigchip.template import module as template

MAC = {"mac_width": 2, "pack": 1, "noc_a_mac": "unicast", "noc_b_mac": "unicast", "noc_c_mac": "broadcast"}
CODE = template.load("mac").expert_code(MAC)
LINE = CODE[: CODE.index("return sums;")].count("\n") + 1
WRONG = CODE.replace("sum += left * right", "sum += left + right")
SLIP = CODE.replace("return sums;", "return smus;")
HOPELESS = CODE.replace("return sums;", "return quantum_flux;")


def fenced(code: str) -> str:
    return f"```cpp\n{code}```\n"


def generator(url: str, folder: Path, conversations: int = 1) -> LlmGenerator:
    client = Client(
        settings=Settings(model="m1", base_url=url),
        scope="study",
        records=Records(path=folder / "records.sqlite"),
        wait_s=lambda _: 0.0,
    )
    return LlmGenerator(client=client, conversations=conversations)


def course(folder: Path, *codes: str, conversations: int = 1) -> tuple[Produced, list[dict]]:
    with chat_server(*map(fenced, codes)) as server:
        done = produce(generator(server.url, folder, conversations), module_request("mac", MAC), validator=Simulation())
    return done, server.requests


def test_right_at_once(tmp_path):
    done, requests = course(tmp_path, CODE)
    assert (done.module.provenance.how, len(requests), done.log) == ("first", 1, ("attempt 1: passed",))


def test_a_slip_is_corrected_without_asking_again(tmp_path):
    done, requests = course(tmp_path, SLIP)
    assert (done.module.code, done.module.provenance.how, len(requests)) == (CODE, "auto-corrected", 1)
    assert done.log == (
        f"attempt 1: compile (compile) says mac.cpp:{LINE}:10: use of undeclared identifier 'smus'",
        "names: smus is declared nowhere; the nearest name in scope is sums",
        "attempt 1: passed after 1 automatic correction(s)",
    )
    assert done.corrections[0].diff.endswith("-  return smus;\n+  return sums;\n }\n")


def test_what_remains_goes_back_with_error_lines_and_the_smallest_input(tmp_path):
    done, requests = course(tmp_path, WRONG, CODE)
    assert (done.module.provenance.how, done.module.provenance.attempt, len(requests)) == ("repaired", 2, 2)
    told = requests[1]["messages"][-1]["content"]
    assert "It compiles, but C simulation against the reference fails." in told
    assert "must be 0x" in told
    assert "The smallest input that fails (" in told
    assert "- the returned value must be " in told
    assert all(f"- {port} = " in told for port in ("a", "b"))


def test_offending_lines_are_quoted(tmp_path):
    _, requests = course(tmp_path, HOPELESS, CODE)
    told = requests[1]["messages"][-1]["content"]
    assert f"- mac.cpp:{LINE}:10: use of undeclared identifier 'quantum_flux'" in told
    assert f"  {LINE - 1}    }}\n  {LINE}>   return quantum_flux;\n  {LINE + 1}  }}\n" in told


def test_corrections_are_told_before_the_error_that_is_left(tmp_path):
    _, requests = course(tmp_path, WRONG.replace("return sums;", "return smus;"), CODE)
    told = requests[1]["messages"][-1]["content"]
    assert "- smus is declared nowhere; the nearest name in scope is sums\n" in told
    assert "C simulation against the reference fails" in told


def test_equal_code_is_told_the_same_text(tmp_path):
    request = module_request("mac", MAC)
    texts = {reason_of(Simulation()(WRONG, request, {}), WRONG, request) for _ in range(3)}
    assert len(texts) == 1
    assert str(tmp_path) not in texts.pop()


def test_the_input_that_is_told_is_the_one_of_the_build():
    assert BENCH_SEED == VECTOR_SEED


def test_a_new_conversation_shows_other_demonstrations(tmp_path):
    done, requests = course(tmp_path, WRONG, WRONG + "\n", CODE, conversations=2)
    assert (done.module.provenance.how, done.module.provenance.attempt) == ("regenerated", 3)
    assert len(requests[2]["messages"]) == 2
    assert requests[2]["messages"] != requests[0]["messages"]
    first = next(line for line in done.log if line.startswith("starts anew without "))
    assert not set(done.module.provenance.demonstrations) & set(first.removeprefix("starts anew without ").split(", "))


@pytest.fixture
def designs(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(paths, "designs_dir", lambda: tmp_path / "designs")
    return tmp_path / "designs" / "mine"


def test_a_person_finishes_what_nobody_could_and_is_never_overwritten(tmp_path, designs):
    store = Store(tmp_path / "store")
    request = replace(module_request("mac", MAC), design="mine")
    source, note = designs / "sources" / "mac.cpp", designs / "unfinished" / "mac.md"

    def step(url: str) -> ModuleStep:
        return ModuleStep(generator=generator(url, tmp_path), request=request, validator=Simulation())

    with chat_server(fenced(WRONG)) as server:
        with pytest.raises(ModuleFailedError) as caught:
            store.make(step(server.url))
        assert f"Finish {paths.relative(source)} by hand, or change the instruction" in str(caught.value)
        assert source.read_text() == WRONG
        told = note.read_text()
        for part in (request.signature, request.instruction.strip(), "### Attempt 2 (csim-wrong-result)", "must be 0x"):
            assert part in told
        with pytest.raises(ModuleFailedError):
            store.make(step(server.url))  # an unedited draft is no person's code

        source.write_text("// mine\n" + WRONG)
        with pytest.raises(ModuleFailedError) as caught:
            store.make(step(server.url))
        assert "the code of by-hand was rejected, last because csim (wrong-result)" in str(caught.value)
        assert source.read_text() == "// mine\n" + WRONG
        assert "### Attempt 1 (csim-wrong-result)" in note.read_text()

        source.write_text("// mine\n" + CODE)
        folder = store.make(step(server.url))
    assert read_code(folder) == "// mine\n" + CODE
    assert (read_provenance(folder).generator, read_provenance(folder).how) == ("by-hand", "by-hand")
    assert json.loads((folder / "provenance.json").read_text())["log"] == ["attempt 1: passed"]
    assert source.read_text() == "// mine\n" + CODE
    by_hand.leave(request, (), "something else")
    assert source.read_text() == "// mine\n" + CODE


@pytest.mark.parametrize("design", ["", "../elsewhere", "a/b", ".."])
def test_only_a_design_of_a_person_gets_drafts(designs, design):
    request = replace(module_request("mac", MAC), design=design)
    assert by_hand.leave(request, (), CODE) is None
    assert by_hand.edited(request) is None


def test_the_experts_code_is_never_corrected():
    class Slipping:
        name, attempts, conversations = "expert", 1, 1

        def inputs(self, request):
            return {}

        def generate(self, request, rejected=(), without=()):
            return replace(ExpertGenerator().generate(request), code=SLIP)

        def judged(self, provenance, verdicts, detail=""):
            pass

    with pytest.raises(ModuleFailedError):
        produce(Slipping(), module_request("mac", MAC), validator=Simulation())


def test_a_verdict_without_a_place_is_told_alone():
    errors = Simulation()(WRONG, module_request("mac", MAC), {}).errors
    assert reason_of(Verdict(errors=errors, passed=())).count("\n") == len(errors)

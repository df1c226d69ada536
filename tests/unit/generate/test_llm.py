"""The llm generator against a local server, with the real client, sandbox and store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest
from support.chat_server import Answer, chat_server
from support.simulation import Simulation

from aigchip.core.errors import AigchipError
from aigchip.core.store import Store
from aigchip.generate.ask import module_request
from aigchip.generate.errors import ModuleFailedError
from aigchip.generate.expert import ExpertGenerator
from aigchip.generate.llm import LlmGenerator
from aigchip.generate.produce import ModuleStep, produce, read_code, read_provenance
from aigchip.generate.validate import Verdict
from aigchip.llm.client import Client
from aigchip.llm.errors import LlmError
from aigchip.llm.records import Records
from aigchip.llm.settings import Settings
from aigchip.template import module as template
from aigchip.toolchain.errors import ValidationError

MAC = {"mac_width": 2, "pack": 1, "noc_a_mac": "unicast", "noc_b_mac": "unicast", "noc_c_mac": "broadcast"}
LANE = {
    "lane_macs": 2,
    "noc_a_lane": "unicast",
    "noc_b_lane": "broadcast",
    "noc_c_lane": "unicast",
    "mac_m": 1,
    "mac_n": 1,
    "mac_k": 2,
}
POST = {"channel_block": 1, "results": 1, "word_bytes": 8, "accumulator_bits": 32, "tile_channels": 512}
SIMULATION = Simulation()


def generator(url, tmp_path, **settings) -> LlmGenerator:
    client = Client(
        settings=Settings(model="m1", base_url=url, **settings),
        scope="study",
        records=Records(path=tmp_path / "records.sqlite"),
        wait_s=no_wait,
    )
    return LlmGenerator(client=client)


def no_wait(_: object) -> float:
    return 0.0


def expert(module, parameters) -> str:
    return template.load(module).expert_code(parameters)


def block(code: str) -> str:
    return f"Here is the module.\n```cpp\n{code}```\n"


def right(module, parameters) -> str:
    return block(expert(module, parameters))


@dataclass(frozen=True)
class Accept:
    """Judge nothing: for tests of what comes before."""

    def inputs(self, request):
        return {}

    def __call__(self, code, request, callees):
        return Verdict(errors=(), passed=("none",))


@dataclass(frozen=True)
class Refuse:
    """Refuse everything."""

    def inputs(self, request):
        return {}

    def __call__(self, code, request, callees):
        error = ValidationError(
            stage="csim", error_class="wrong-result", message="return is 1; must be 2", location="mac", remedy="Add 1."
        )
        return Verdict(errors=(error,) * 5, passed=("contract",))


@pytest.mark.verifies("llm")
def test_a_module_comes_with_its_provenance(tmp_path):
    with chat_server(right("mac", MAC)) as server:
        done = produce(generator(server.url, tmp_path), module_request("mac", MAC), validator=SIMULATION)
    assert done.module.code == expert("mac", MAC)
    assert done.passed == ("contract", "csim")
    made = done.module.provenance
    assert (made.generator, made.model, made.attempt) == ("llm", "m1-2026", 1)
    assert made.endpoint == server.url.removeprefix("http://").removesuffix("/v1")
    assert len(made.demonstrations) == 2
    assert set(made.versions) == {"aigchip", "openai"}


def test_the_server_receives_the_golden_prompt(golden, tmp_path):
    with chat_server(right("mac", MAC)) as server:
        made = generator(server.url, tmp_path).generate(module_request("mac", MAC))
    system, user = server.requests[0]["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    golden("prompt/system.md", system["content"])
    golden("prompt/mac.md", user["content"])
    assert made.provenance.demonstrations[0] in ("mac/expert-1", "mac/expert-2", "mac/expert-3", "mac/expert-4")


WRONG = {
    "wrong result": (
        lambda code: block(code.replace("sum += left * right", "sum += left + right")),
        "csim-wrong-result",
        "It compiles, but C simulation against the reference fails.",
    ),
    "does not compile": (
        lambda code: block(code.replace("return sums;", "return quantum_flux;")),
        "compile-compile",
        "It does not compile.",
    ),
    "another signature": (
        lambda code: block(code.replace("ap_uint<16> a", "ap_uint<16> a, int more")),
        "contract-signature",
        "It breaks the module's contract.",
    ),
    "no code": (lambda _: "I am sure you can do that yourself.", "no-code", "The reply holds no block of C++ code."),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_error_goes_back_once_and_the_second_reply_counts(name, tmp_path):
    spoil, code, reason = WRONG[name]
    bad = spoil(expert("mac", MAC))
    with chat_server(bad, right("mac", MAC)) as server:
        done = produce(generator(server.url, tmp_path), module_request("mac", MAC), validator=SIMULATION)
    assert done.module.code == expert("mac", MAC)
    assert done.module.provenance.attempt == 2
    assert [attempt.code for attempt in done.rejected] == [code]
    first, second = server.requests
    assert second["messages"][:2] == first["messages"]
    answer, error = second["messages"][2:]
    assert answer == {"role": "assistant", "content": bad}
    assert error["role"] == "user"
    assert error["content"].startswith(f"This code was rejected:\n\n{reason}\n")


def test_wrong_twice_is_one_clear_line_and_nothing_is_stored(tmp_path):
    store = Store(tmp_path / "store")
    with chat_server(right("mac", MAC)) as server:
        step = ModuleStep(
            generator=generator(server.url, tmp_path), request=module_request("mac", MAC), validator=Refuse()
        )
        with pytest.raises(ModuleFailedError) as caught:
            store.make(step)
        assert not store.has(step)
        with pytest.raises(ModuleFailedError):
            store.make(step)
    assert str(caught.value) == (
        "mac: the code of m1-2026 was rejected twice, last because csim (wrong-result) says mac: return is 1; must be "
        "2. Change the instruction, use another model, or generator=expert."
    )
    assert len(server.requests) == 2  # the second run asked nothing
    told = server.requests[1]["messages"][3]["content"]
    assert told.count("- mac: return is 1; must be 2. Add 1.") == 3
    assert "- and 2 more" in told


def test_prose_twice_is_one_clear_line(tmp_path):
    with chat_server("No.") as server, pytest.raises(ModuleFailedError) as caught:
        produce(generator(server.url, tmp_path), module_request("mac", MAC), validator=Accept())
    assert str(caught.value) == (
        "mac: the code of m1-2026 was rejected twice, last because the reply holds no block of C++ code. "
        "Change the instruction, use another model, or generator=expert."
    )
    assert len(server.requests) == 2


def test_a_cut_off_reply_is_not_sent_back(tmp_path):
    with chat_server(Answer(text="```cpp\nap_uint<32> mac(", finish_reason="length")) as server:
        with pytest.raises(LlmError) as caught:
            produce(generator(server.url, tmp_path), module_request("mac", MAC), validator=Accept())
        assert caught.value.code == "truncated-reply"
    assert len(server.requests) == 1


def test_the_instruction_of_a_person_reaches_the_model(tmp_path):
    request = module_request("mac", MAC, instruction="Use two multipliers, and call the sum `total`.")
    with chat_server(right("mac", MAC)) as server:
        produce(generator(server.url, tmp_path), request, validator=SIMULATION)
    assert "Use two multipliers, and call the sum `total`." in server.requests[0]["messages"][1]["content"]


def steps(generate, store, changed: dict[str, str] | None = None) -> dict[str, ModuleStep]:
    """Make mac, pe_lane and post as a build does; a callee's code is an input of its caller."""
    found: dict[str, ModuleStep] = {}
    callees: dict[str, str] = {}
    for module, parameters in (("mac", MAC), ("pe_lane", LANE), ("post", POST)):
        request = module_request(module, parameters, instruction=(changed or {}).get(module))
        step = ModuleStep(
            generator=generate,
            request=request,
            validator=SIMULATION,
            callees=dict(callees) if module == "pe_lane" else {},
        )
        folder = store.make(step)
        if module == "mac":
            callees["mac"] = read_code(folder)
        found[module] = step
    return found


def test_changing_one_instruction_costs_exactly_one_request(tmp_path):
    texts = {
        module: right(module, parameters) for module, parameters in (("mac", MAC), ("pe_lane", LANE), ("post", POST))
    }

    def answer(body, _number):
        task = body["messages"][1]["content"].rpartition("\n# Task: ")[2].split("\n")[0]
        return Answer(text=texts[task])

    store = Store(tmp_path / "store")
    with chat_server(by_request=answer) as server:
        generate = generator(server.url, tmp_path)
        before = steps(generate, store)
        assert len(server.requests) == 3
        assert {name: store.key(step) for name, step in steps(generate, store).items()} == {
            name: store.key(step) for name, step in before.items()
        }
        assert len(server.requests) == 3  # nothing changed, nothing asked

        changed = template.load("post").instruction(POST) + "12. Say it in few words.\n"
        after = steps(generate, store, {"post": changed})
        assert len(server.requests) == 4
        assert "12. Say it in few words." in server.requests[3]["messages"][1]["content"]
        assert [name for name in after if store.key(after[name]) != store.key(before[name])] == ["post"]

        steps(generate, store)  # taken back: the old result is still there
        assert len(server.requests) == 4
        steps(generator("http://127.0.0.1:9/v1", tmp_path, max_requests=0), Store(tmp_path / "another"))


def test_inputs_say_what_determines_the_code_and_hold_no_secret(tmp_path):
    request = module_request("mac", MAC)
    one = generator("http://127.0.0.1:9/v1", tmp_path, api_key="sk-secret")
    inputs = one.inputs(request)
    assert "sk-secret" not in json.dumps(inputs)
    elsewhere = generator("http://127.0.0.1:10/v1", tmp_path, api_key="sk-other", max_requests=3, timeout_s=9)
    assert elsewhere.inputs(request) == inputs
    assert generator("http://127.0.0.1:9/v1", tmp_path, seed=4).inputs(request) != inputs
    assert one.inputs(replace(request, instruction="x")) != inputs
    assert one.inputs(replace(request, signature="void mac()")) != inputs
    assert one.inputs(replace(request, interface="x")) != inputs
    assert replace(one, attempts=1).inputs(request) != inputs


def test_provenance_is_kept_with_the_result(tmp_path):
    store = Store(tmp_path / "store")
    with chat_server("prose", right("mac", MAC)) as server:
        step = ModuleStep(
            generator=generator(server.url, tmp_path), request=module_request("mac", MAC), validator=SIMULATION
        )
        folder = store.make(step)
    kept = json.loads((folder / "provenance.json").read_text())
    assert kept["passed"] == ["contract", "csim"]
    assert kept["rejected"] == [{"code": "no-code", "reason": "The reply holds no block of C++ code."}]
    assert read_provenance(folder).model == "m1-2026"
    assert read_provenance(store.make(ModuleStep(generator=ExpertGenerator(), request=step.request))).generator == (
        "expert"
    )


def test_an_expert_that_fails_is_a_fault_of_the_template():
    with pytest.raises(ModuleFailedError) as caught:
        produce(ExpertGenerator(), module_request("mac", MAC), validator=Refuse())
    assert str(caught.value) == (
        "mac: the code of expert was rejected, last because csim (wrong-result) says mac: return is 1; must be 2. "
        "Report it: the template is at fault."
    )


def test_errors_survive_the_way_back_from_a_worker():
    import pickle

    with pytest.raises(AigchipError) as caught:
        produce(ExpertGenerator(), module_request("mac", MAC), validator=Refuse())
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.rejected == caught.value.rejected

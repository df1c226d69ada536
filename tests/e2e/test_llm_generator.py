"""`generator=llm` on the command line, against a local endpoint: one changed instruction, one request."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from support.batch_server import batch_server
from support.chat_server import Answer, chat_server

from aigchip.llm.records import Records
from aigchip.search import Evaluation, StudySettings, read_records, run
from aigchip.space import Design
from aigchip.space.derive import local_parameters
from aigchip.space.files import load
from aigchip.template import module as template

ROOT = Path(__file__).resolve().parents[2]
DESIGN = "square8"


@pytest.fixture
def project(tmp_path):
    """A project with designs of its own; everything else is this checkout's."""
    root = tmp_path / "project"
    (root / "designs").mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name not in {"designs", "build", "aigchip.yaml", ".git"}:
            (root / path.name).symlink_to(path)
    (root / "designs" / DESIGN).mkdir()
    (root / "designs" / DESIGN / "design.yaml").write_text((ROOT / "designs" / DESIGN / "design.yaml").read_text())
    return root


def command(project: Path, url: str, *words: str, **variables: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "AIGCHIP_ROOT": str(project),
        "AIGCHIP_BUILD_DIR": str(project / "build"),
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": "sk-of-this-test",
        "AIGCHIP_MODEL": "stand-in",
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "aigchip.tasks", *words],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def doit(project: Path, url: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    process = command(project, url, *words, **variables)
    out, err = process.communicate()
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def expert_answers(*designs: Design):
    """Answer as an expert would: invented for this test, and kept in it."""
    answers = {}
    for design in designs:
        for instance, local in local_parameters(design).items():
            module = template.load(instance)
            answers[module.instruction(local).strip()] = module.expert_code(local)

    def answer(body, _number):
        task = body["messages"][1]["content"].rpartition("\n# Task: ")[2]
        found = [code for instruction, code in answers.items() if instruction in task]
        return Answer(text=f"```cpp\n{found[0]}```" if found else "I cannot.")

    return answer


@pytest.mark.verifies("llm")
def test_one_changed_instruction_costs_one_request(project, tmp_path):
    own_cache = {"AIGCHIP_CACHE_DIR": str(tmp_path / "cache")}
    folder = project / "designs" / DESIGN
    words = ("modules", f"design={DESIGN}", "generator=llm", "selection=lexical")
    with chat_server(by_request=expert_answers(load(folder / "design.yaml"))) as server:
        first = doit(project, server.url, *words, **own_cache)
        assert first.returncode == 0, first.stdout + first.stderr
        modules = len(server.requests)
        assert modules == len(local_parameters(load(folder / "design.yaml")))

        again = doit(project, server.url, *words, **own_cache)
        assert again.returncode == 0, again.stdout + again.stderr
        assert len(server.requests) == modules

        text = template.load("post").instruction(local_parameters(load(folder / "design.yaml"))["post"])
        (folder / "instructions").mkdir()
        (folder / "instructions" / "post.md").write_text(text + "20. Keep it short.\n")
        changed = doit(project, server.url, *words, **own_cache)
        assert changed.returncode == 0, changed.stdout + changed.stderr
        assert len(server.requests) == modules + 1
        assert "20. Keep it short." in server.requests[-1]["messages"][1]["content"]
        assert changed.stdout.count("made   modules:") == 1
        assert "modules:post" in changed.stdout

    records = Records(path=tmp_path / "cache" / "llm" / "records.sqlite")
    assert records.used(str(project / "build" / "studies" / "default")).requests == modules + 1
    assert {row.outcome.get("csim") for row in records.rows()} == {"passed"}
    kept = [path for path in (project / "build").rglob("*") if path.is_file()]
    kept += (tmp_path / "cache" / "llm").rglob("*.sqlite*")
    assert not [path for path in kept if b"sk-of-this-test" in path.read_bytes()]
    assert "sk-of-this-test" not in first.stdout + first.stderr + changed.stdout + changed.stderr


def test_an_expert_refuses_a_changed_instruction(project):
    folder = project / "designs" / DESIGN / "instructions"
    folder.mkdir()
    (folder / "post.md").write_text("Do it well.\n")
    result = doit(project, "http://127.0.0.1:9/v1", "modules", f"design={DESIGN}")
    assert result.returncode == 1
    assert (
        "post: the instruction was changed by a person, and the expert generator cannot read. "
        "Use generator=llm, or remove the changed instruction."
    ) in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (Answer(status=401, error={"message": "no"}), "the key was not accepted. Correct OPENAI_API_KEY."),
        pytest.param(
            Answer(status=404, error={"message": "no such model"}),
            "model 'stand-in' or the address was not found",
            marks=pytest.mark.slow,
        ),
        (Answer(text="I would rather not."), "was rejected twice, last because the reply holds no block of C++ code."),
    ],
    ids=["wrong key", "unknown model", "no code"],
)
def test_a_fault_is_one_clear_line_and_leaves_nothing(answer, line, project, tmp_path):
    with chat_server(answer) as server:
        result = doit(
            project,
            server.url,
            "modules",
            f"design={DESIGN}",
            "generator=llm",
            "selection=lexical",
            AIGCHIP_CACHE_DIR=str(tmp_path / "cache"),
        )
    output = result.stdout + result.stderr
    assert result.returncode == 1, output
    assert line in output
    assert "Traceback" not in output
    assert not list((project / "build" / "store").glob("module/*"))


def test_no_model_is_named(project, tmp_path):
    result = doit(
        project,
        "http://127.0.0.1:9/v1",
        "modules",
        f"design={DESIGN}",
        "generator=llm",
        "selection=lexical",
        AIGCHIP_MODEL="",
        AIGCHIP_CACHE_DIR=str(tmp_path / "cache"),
    )
    assert result.returncode == 1
    assert "llm.model: no model is named." in result.stdout + result.stderr


def proposed(seed: int, trials: int, folder: Path) -> list[Design]:
    """Return the first designs of a random search."""
    settings = StudySettings(study="proposed", seed=seed, trials=trials, sampler="random")
    run(settings, lambda *_: Evaluation(generator="none", rejected="not evaluated"), folder=folder)
    return [record.design for record in read_records(folder)]


@pytest.mark.slow
@pytest.mark.verifies("llm")
def test_a_search_ends_at_its_limit_and_goes_on_and_a_killed_one_pays_for_nothing_twice(project, tmp_path):
    designs = proposed(153, 2, tmp_path / "proposed")
    modules = {
        template.load(instance).instruction(local)
        for design in designs
        for instance, local in local_parameters(design).items()
    }
    answer = expert_answers(*designs)
    words = (
        "search",
        "generator=llm",
        "selection=lexical",
        "trials=2",
        "seed=153",
        "sampler=random",
        "network=alexnet",
    )
    own_cache = {"AIGCHIP_CACHE_DIR": str(tmp_path / "cache")}

    def slowly(body, number):
        time.sleep(0.3)
        return answer(body, number)

    with chat_server(by_request=slowly) as server:
        limited = doit(project, server.url, *words, "max_requests=5", **own_cache)
        assert limited.returncode == 1
        assert limited.stderr.splitlines()[-1] == (
            "doit: llm.max_requests: 5 requests have been sent; the limit is 5. Raise max_requests and run the same "
            "command again; completions already received are not asked for again."
        )
        assert "2 designs (0 infeasible" in limited.stdout  # judged by the model before a module was asked for
        assert "bit-exact" not in limited.stdout
        assert len(server.requests) == 5

        killed = command(project, server.url, *words, **own_cache)
        while len(server.requests) < 12 and killed.poll() is None:
            time.sleep(0.02)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
        assert killed.returncode == -signal.SIGKILL

        last = doit(project, server.url, *words, **own_cache)
        assert last.returncode == 0, last.stdout + last.stderr
        asked = Counter(body["messages"][1]["content"] for body in server.requests)
        assert len(asked) == len(modules)
        assert sum(asked.values()) - len(asked) <= 2  # those that were under way when the search was killed
        paid = len(server.requests)

        again = doit(project, server.url, *words, **own_cache)
        assert again.returncode == 0
        assert len(server.requests) == paid
    table = re.compile(r"Best designs.*", re.DOTALL)
    assert table.search(again.stdout)[0] == table.search(last.stdout)[0]
    assert "Modules by the llm generator" in last.stdout
    assert last.stdout.count("bit-exact") >= 2


@pytest.mark.verifies("llm")
def test_wrong_code_goes_back_once_with_its_error_and_twice_wrong_is_refused(project, tmp_path):
    design = load(project / "designs" / DESIGN / "design.yaml")
    right = expert_answers(design)
    wrong = {
        "mac": ("sum += left", "sum -= left"),
        "store_c": ("  ap_uint<32> plane =", "  nothing_like_it(3);\n  ap_uint<32> plane ="),
    }

    def answer(body, number, *, always=False):
        text = right({"messages": body["messages"][:2]}, number).text
        if len(body["messages"]) == 2 or always:
            for module, (old, new) in wrong.items():
                if f"Task: {module}\n" in body["messages"][1]["content"]:
                    assert old in text
                    text = text.replace(old, new)
        return Answer(text=text)

    own_cache = {"AIGCHIP_CACHE_DIR": str(tmp_path / "cache")}
    with chat_server(by_request=answer) as server:
        result = doit(
            project, server.url, "modules:mac", f"design={DESIGN}", "generator=llm", "selection=lexical", **own_cache
        )
        assert result.returncode == 0, result.stdout + result.stderr
        asked = [body["messages"] for body in server.requests]
        assert [len(messages) for messages in asked] == [2, 4]
        told = re.search(
            r"^- mac\.cpp: the returned value is (\w+); must be (\w+) \(vector '[^']+'\)\.",
            asked[1][3]["content"],
            re.M,
        )
        assert told is not None, asked[1][3]["content"]
        assert (int(told[1], 16) + int(told[2], 16)) % (1 << 16) == 0  # the product with the other sign
    own_cache = {"AIGCHIP_CACHE_DIR": str(tmp_path / "cache2")}
    with chat_server(by_request=lambda body, number: answer(body, number, always=True)) as server:
        result = doit(
            project,
            server.url,
            "modules:store_c",
            f"design={DESIGN}",
            "generator=llm",
            "selection=lexical",
            **own_cache,
        )
    assert result.returncode == 1
    assert result.stderr == (
        "doit: modules:store_c: the code of stand-in-2026 was rejected 4 times, last because compile (compile) says "
        "store_c.cpp:8:3: use of undeclared identifier 'nothing_like_it'. Finish designs/square8/sources/store_c.cpp by "
        "hand, or change the instruction, use another model, or generator=expert.\n"
        "doit: 1 failed, 1 made, 0 up to date.\n"
    )
    assert [len(body["messages"]) for body in server.requests] == [2, 4, 2, 4]
    assert len(list((project / "build" / "store" / "module").iterdir())) == 1  # mac's


@pytest.mark.slow
def test_a_model_ranks_the_demonstrations_of_its_own_prompt(project, tmp_path):
    asked = expert_answers(load(project / "designs" / DESIGN / "design.yaml"))

    def answer(body, number):
        if "response_format" not in body:
            return asked(body, number)
        titles = re.findall(r"^### (\S+)$", body["messages"][1]["content"], re.MULTILINE)
        return Answer(text=json.dumps({"most_similar": [titles[-1], titles[0]]}))

    own_cache = {"AIGCHIP_CACHE_DIR": str(tmp_path / "cache")}
    with chat_server(by_request=answer) as server:
        for _ in range(2):
            result = doit(project, server.url, "modules:mac", f"design={DESIGN}", "generator=llm", **own_cache)
            assert result.returncode == 0, result.stdout + result.stderr
    ranking, question = server.requests
    titles = re.findall(r"^### (\S+)$", ranking["messages"][1]["content"], re.MULTILINE)
    (provenance,) = (project / "build" / "store").glob("module/*/provenance.json")
    assert json.loads(provenance.read_text())["demonstrations"] == [titles[-1], titles[0]]
    assert question["messages"][1]["content"].count("# Demonstration ") == 2


def test_modules_are_made_from_the_replies_of_a_batch(project, tmp_path):
    """Submit, collect, and build without another request."""
    asked = expert_answers(load(project / "designs" / DESIGN / "design.yaml"))
    own = {"AIGCHIP_CACHE_DIR": str(tmp_path / "cache")}
    words = (f"design={DESIGN}", "module=mac")
    with batch_server(answer=lambda line: asked(line["body"], 0).text) as server:
        sent = doit(project, server.url, "llm", "submit", *words, **own)
        assert "1 modules of 1 designs" not in sent.stderr
        assert "1 requests are submitted as batch batch_0 (validating)." in sent.stdout, sent.stdout + sent.stderr
        collected = doit(project, server.url, "llm", "collect", **own)
        assert re.search(r"batch_0 .* completed +1 +1 +0", collected.stdout), collected.stdout + collected.stderr
        assert "No batch is under way." in doit(project, server.url, "llm", "collect", **own).stdout
        left = doit(project, server.url, "llm", "submit", *words, **own)
        assert "1 are right, 0 failed for good; nothing is left to submit." in left.stdout
    made = doit(
        project, "http://127.0.0.1:9/v1", "modules:mac", f"design={DESIGN}", "generator=llm", "selection=lexical", **own
    )
    assert made.returncode == 0, made.stdout + made.stderr

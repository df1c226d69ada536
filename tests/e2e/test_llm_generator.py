"""`generator=llm` on the command line, against a local endpoint: one changed instruction, one request."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.chat_server import Answer, chat_server

from aigchip.llm.records import Records
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


def doit(project: Path, url: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "AIGCHIP_ROOT": str(project),
        "AIGCHIP_BUILD_DIR": str(project / "build"),
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": "sk-of-this-test",
        "AIGCHIP_MODEL": "stand-in",
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-m", "aigchip.tasks", *words],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def expert_answers(design: Path):
    """Answer as an expert would: invented for this test, and kept in it."""
    parameters = local_parameters(load(design))
    answers = {}
    for instance, local in parameters.items():
        module = template.load(instance)
        answers[module.signature(local), module.instruction(local).split("\n")[0]] = module.expert_code(local)

    def answer(body, _number):
        task = body["messages"][1]["content"].rpartition("\n# Task: ")[2]
        found = [code for (signature, first), code in answers.items() if signature in task and first in task]
        return Answer(text=f"```cpp\n{found[0]}```" if found else "I cannot.")

    return answer


@pytest.mark.verifies("llm")
def test_one_changed_instruction_costs_one_request(project, tmp_path):
    own_cache = {"AIGCHIP_CACHE_DIR": str(tmp_path / "cache")}
    folder = project / "designs" / DESIGN
    words = ("modules", f"design={DESIGN}", "generator=llm")
    with chat_server(by_request=expert_answers(folder / "design.yaml")) as server:
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
        (Answer(status=404, error={"message": "no such model"}), "model 'stand-in' or the address was not found"),
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
        AIGCHIP_MODEL="",
        AIGCHIP_CACHE_DIR=str(tmp_path / "cache"),
    )
    assert result.returncode == 1
    assert "llm.model: no model is named." in result.stdout + result.stderr

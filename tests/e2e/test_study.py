"""`study` on the command line, against a local endpoint whose two models are good and bad by agreement."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.chat_server import Answer, chat_server

from aigchip.experiment.tables import questions
from aigchip.template import module as template

ROOT = Path(__file__).resolve().parents[2]


def study(tmp_path, url, *words, **variables):
    environment = {
        **os.environ,
        "AIGCHIP_BUILD_DIR": str(tmp_path / "build"),
        "AIGCHIP_CACHE_DIR": str(tmp_path / "cache"),
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": "sk-of-this-test",
        "AIGCHIP_MODEL": "",
        **variables,
    }
    return subprocess.run([sys.executable, "-m", "aigchip.tasks", "study", *words], cwd=ROOT, env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip


def read_table(tmp_path):
    text = (tmp_path / "build" / "experiments" / "default" / "table-4.csv").read_text()
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def right():
    (question,) = [question for question in questions(1) if question.name == "mac"]
    return template.load("mac").expert_code(question.parameters)


def test_a_good_and_a_bad_model_are_told_apart_and_nothing_is_asked_twice(tmp_path, right):
    """The bad one computes a sum too few at first, and answers without code when it is told."""
    wrong = right.replace("sum += left", "sum -= left")
    assert wrong != right

    def answer(body, _number):
        if body["model"] == "good":
            return Answer(text=f"```cpp\n{right}```")
        return Answer(text=f"```cpp\n{wrong}```" if len(body["messages"]) == 2 else "I give up.")

    words = ("tables=4", "models=good,bad", "module=mac", "samples=2", "generator=llm")
    with chat_server(by_request=answer) as server:
        done = study(tmp_path, server.url, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(server.requests) == 2 + 2 * 2
        again = study(tmp_path, server.url, *words)
        assert len(server.requests) == 6
        assert again.stdout == done.stdout
    table = read_table(tmp_path)
    shares = {
        row["cell"]: [row[f"{m}_rate"] for m in ("compiles", "synthesises", "correct", "repaired")] for row in table
    }
    assert shares == {"good": ["1.0000"] * 4, "bad": ["1.0000", "1.0000", "0.0000", "0.0000"]}
    assert [(row["requests"], row["verified"], row["tokens"]) for row in table] == [("2", "2", "36"), ("4", "0", "72")]
    page = (tmp_path / "build" / "experiments" / "default" / "report.md").read_text()
    assert "Source: replies of good, bad, asked for now. 1 tasks (mac), 2 attempts at each under each setting." in page
    assert re.search(r"\| bad \| 2 of 2 \| 100 % .* \| 0 % .* \| none verified \|", page)

    replayed = study(tmp_path, "http://127.0.0.1:9/v1", *words[:4], "generator=recorded")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "recorded earlier; nothing was sent" in replayed.stdout
    replayed_table = read_table(tmp_path)
    assert replayed_table == table


def test_of_a_model_without_records_every_cell_is_empty(tmp_path):
    words = ("tables=1,2", "module=mac", "generator=recorded", "model=nobody")
    done = study(tmp_path, "http://127.0.0.1:9/v1", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 attempts at 1 tasks: replies of nobody, recorded earlier; nothing was sent." in done.stdout
    assert done.stdout.count("0 of 1") == 9


@pytest.mark.skipif(not any((ROOT / "records").glob("*.jsonl")), reason="no replies ship")
def test_without_a_key_the_replies_that_ship_are_judged(tmp_path):
    done = study(tmp_path, "http://127.0.0.1:9/v1", "tables=1,4", "module=mac")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d attempts at 1 tasks: replies of \w+, recorded earlier; nothing was sent\.", done.stdout)
    table = read_table(tmp_path)
    assert [(row["attempts"], row["requests"]) for row in table] == [("1", "1")]


@pytest.mark.slow
def test_at_a_limit_what_is_there_is_shown(tmp_path, right):
    with chat_server(f"```cpp\n{right}```") as server:
        words = ("tables=3", "module=mac", "model=good", "max_requests=2")
        done = study(tmp_path, server.url, *words)
    assert done.returncode == 1
    assert "2 requests have been sent; the limit is 2" in done.stderr
    assert "2 attempts at 1 tasks" in done.stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("tables=5",), "tables=5: tables is '5'; must be numbers from 1 to 4 with commas. Use tables=1,2,3,4."),
        (("module=mca",), "module=mca: 'mca' is not a module. Did you mean mac?"),
        (("generator=expert",), "generator=expert: a study is about models. Use generator=llm or generator=recorded."),
        (("generator=llm",), "llm.model: no model is named."),
    ],
)
def test_a_wrong_argument_is_one_line(tmp_path, words, line):
    done = study(tmp_path, "http://127.0.0.1:9/v1", *words)
    assert done.returncode == 1
    assert done.stderr.startswith(f"doit: {line}")
    assert "Traceback" not in done.stderr

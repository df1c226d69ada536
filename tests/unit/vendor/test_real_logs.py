"""What the driver makes of logs that real tools wrote: other people's, and no part of this project."""

import json
import os
from pathlib import Path

import pytest

from aigchip.core import paths
from aigchip.vendor import probe
from aigchip.vendor.licence import queued_line
from aigchip.vendor.run import first_error

CORPUS = Path(os.environ.get("AIGCHIP_VITIS_CORPUS", paths.root().parent / "shared" / "reference" / "vitis"))
pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus: set AIGCHIP_VITIS_CORPUS to the folder of real reports"),
    pytest.mark.verifies("read-vendor"),
]


def logs():
    path = CORPUS / "logs" / "manifest.json"
    return json.loads(path.read_text()) if path.is_file() else []


def messages(name):
    path = CORPUS / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


@pytest.mark.parametrize("entry", [e for e in logs() if e["banner_tool"]], ids=lambda entry: entry["file"][:60])
def test_the_version_in_a_real_banner(entry):
    text = (CORPUS / "logs" / entry["file"]).read_text(errors="replace")
    found = probe._VERSION.search(text)
    assert found is not None
    assert found[1] == entry["tool_version"]


@pytest.mark.parametrize("entry", logs(), ids=lambda entry: entry["file"][:60])
def test_a_real_log_waits_for_no_licence_and_names_its_first_error(entry):
    text = (CORPUS / "logs" / entry["file"]).read_text(errors="replace")
    assert queued_line(text) is None
    found = first_error(text)
    assert (found is None) <= (entry["n_error_lines"] == 0)
    if found is not None:
        assert found.remedy


def test_licence_lines_of_real_tools():
    real = [
        entry["text"] for entry in messages("messages.jsonl") if entry["class"] == "license" and "17-345" in entry["id"]
    ]
    assert real
    assert all(queued_line(text) for text in real)
    harmless = [entry["text"] for entry in messages("messages_negative.jsonl") if entry["naive_trap"] == "license"]
    assert harmless
    assert not any(queued_line(text) for text in harmless)

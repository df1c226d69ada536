"""The section `vendor` of aigchip.yaml is read whole or refused in one clear line."""

from pathlib import Path

import pytest

from aigchip.core.errors import InputError
from aigchip.vendor import settings
from aigchip.vendor.probe import ROOTS


@pytest.fixture
def given(tmp_path, monkeypatch):
    monkeypatch.setenv("AIGCHIP_ROOT", str(tmp_path))
    monkeypatch.delenv("AIGCHIP_BUILD_DIR", raising=False)

    def load(text=""):
        if text:
            (tmp_path / "aigchip.yaml").write_text(text)
        return settings.load()

    return load


def test_without_a_file(given, tmp_path):
    found = given()
    assert (found.vitis, found.vivado, found.roots) == ("", "", ROOTS)
    assert found.work_folder("link") == f"{tmp_path.resolve()}/build/vendor/link"
    assert (found.stage_limits.stage_s, found.bitstream_limits.stage_s) == (3600, 21600)


def test_what_a_person_says(given):
    found = given(
        "vendor:\n  vivado: /opt/v/2024.1\n  root: /eda\n  folder: /scratch/me\n  licence_wait_s: 0\n  timeout_s: 60\n"
    )
    assert (found.vivado, found.roots, found.work_folder("x")) == ("/opt/v/2024.1", ("/eda",), "/scratch/me/x")
    assert (found.stage_limits.stage_s, found.stage_limits.patience.total_s) == (60, 0)


def test_what_the_how_to_shows(given):
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "use-vitis-and-vivado.md").read_text()
    found = given(page.split("```yaml\n")[1].split("```")[0])
    assert (found.vitis, found.jobs, found.host) == ("/eda/Vitis_HLS/2022.2", 4, "me@builder")


def test_the_host_of_the_tools(given):
    assert given().machine().name == "this machine"
    found = given("vendor:\n  host: me@builder:2222\n  folder: /scratch/me\n  key_file: /keys/me\n")
    assert found.machine().name == "vendor host (me@builder:2222)"
    assert str(found.machine().target.key_file) == "/keys/me"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("vitis: tools/Vitis", "aigchip.yaml: vendor.vitis: the folder is 'tools/Vitis'; must be an absolute path. Write it from the root on."),
        ("timeout_s: 0", "aigchip.yaml: vendor.timeout_s: the value is 0; must be at least 1. Correct it."),
        ("timeout_s: long", "aigchip.yaml: vendor.timeout_s: the value is 'long'; must be a whole number. Correct it."),
        ("host: me@builder", "aigchip.yaml: vendor.host: the work folder on the host is missing. Add folder: with an absolute path on it."),
        ("host: builder\n  folder: /w", "aigchip.yaml: vendor.host: host is 'builder'; must name the user. Write user@address."),
        ("vitus: /x", "aigchip.yaml: vendor: 'vitus' is not a setting. Did you mean vitis?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_clear_line(given, line, said):
    with pytest.raises(InputError) as caught:
        given(f"vendor:\n  {line}\n")
    assert str(caught.value) == said

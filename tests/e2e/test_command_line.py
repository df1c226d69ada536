"""What a person sees who types something wrong, or asks for help."""

import os
import signal
import subprocess
import time

import onnx
import pytest
from onnx import TensorProto, helper


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("serach", "doit: serach: 'serach' is not a task. Did you mean search? See ./doit list."),
        ("build desgin=42", "doit: desgin=42: 'desgin' is not an argument. Did you mean design? See ./doit help."),
        ("build", "doit: build: the argument design is missing. For example ./doit build design=42."),
        (
            "build design=42",
            "doit: design=42: there is no study 'default'. Run ./doit search first, or name a folder of designs/.",
        ),
        (
            "build design=exmple",
            "doit: design=exmple: 'exmple' is not a design. Did you mean example? "
            "Give a number of the study or a folder of designs/.",
        ),
        ("search trials=many", "doit: trials=many: trials is 'many'; must be a whole number. Use trials=64."),
        (
            "search board=zcu10",
            "doit: board=zcu10: 'zcu10' is not a board. Did you mean zcu104? The boards are the folders of boards/.",
        ),
        (
            "test trials=3",
            "doit: trials=3: test does not take the argument trials. Leave it out, or use it with search, compare.",
        ),
        ("--bogus", "doit: --bogus: there is no such option. Arguments are written name=value; see ./doit help."),
        ("search --bogus", "doit: --bogus: there is no such option. Arguments are written name=value; see ./doit help."),
        ("why --bogus design=example", "doit: --bogus: there is no such option. Arguments are written name=value; see ./doit help."),
        ("csim:mca design=example", "doit: csim:mca: 'mca' is not a module. Did you mean mac?"),
        ("build:mac design=example", "doit: build:mac: the task build has no parts. Write build alone."),
        ("help sarch", "doit: help sarch: 'sarch' is not a task. Did you mean search? See ./doit list."),
        (
            "why design=7 study=x",
            "doit: design=7: there is no study 'x'. Run ./doit search first, or name a folder of designs/.",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(project, words, line):
    done = project.doit(*words.split())
    assert (done.code, done.out, done.err) == (1, "", f"{line}\n")


def test_a_malformed_design_names_file_and_line(project):
    (project.root / "designs" / "example" / "design.yaml").write_text("mac_width: [\n")
    done = project.doit("build", "design=example")
    assert done.code == 1
    assert done.err.startswith("doit: designs/example/design.yaml:2: not YAML:")
    assert len(done.err.splitlines()) == 1


def test_instructions_of_no_module_are_refused(project):
    folder = project.root / "designs" / "example" / "instructions"
    folder.mkdir()
    (folder / "pe_aray.md").write_text("Multiply.")
    done = project.doit("build", "design=example")
    assert (done.code, done.err) == (
        1,
        "doit: designs/example/instructions/pe_aray.md: 'pe_aray' is not a module. Did you mean pe_array?\n",
    )


def test_list_describes_every_task_and_help_every_argument(project):
    listed = project.doit("list")
    assert listed.code == 0
    for word in ("search", "build", "why", "modules", "csim", "csynth", "link", "resources", "cosim", "test", "doctor"):
        assert f"\n  {word} " in listed.out
    helped = project.doit("help", "search")
    assert helped.code == 0
    for word in ("network", "resolution", "board", "trials", "population", "seed", "generator", "max_dsp", "study"):
        assert f"\n  {word}=\n" in helped.out
    assert "default resnet18; for example network=models/mine.onnx" in helped.out
    assert project.doit().out == listed.out


@pytest.mark.parametrize("words", [("list",), ("help", "search"), ("help", "seed")])
def test_a_reader_that_has_gone_is_no_error(project, words):
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(project.command(*words), env=project.environment(), cwd=project.root, stdout=writes,
                          stderr=subprocess.PIPE, text=True, check=False)  # fmt: skip
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def heeds_ctrl_c():
    """As in a terminal: a shell starts its background jobs with SIGINT ignored, and a child inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_ends_cleanly(project):
    process = subprocess.Popen(project.command("csim", "design=example"), env=project.environment(), cwd=project.root,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()  # the first module is made
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.endswith("doit: stopped. Run the same command again to go on; nothing is half written.\n")
    assert "Traceback" not in err
    assert list((project.root / "build" / "store" / "tmp").iterdir()) == []


def test_killed_and_started_again_it_goes_on(project):
    process = subprocess.Popen(project.command("csim", "design=example"), env=project.environment(), cwd=project.root,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    assert process.stdout is not None
    while not process.stdout.readline().startswith("made   csim:"):
        assert process.poll() is None
    process.kill()
    process.communicate(timeout=60)
    time.sleep(0.2)
    again = project.doit("csim", "design=example")
    assert again.code == 0, again.err
    assert "14 up to date" not in again.out.splitlines()[-1]
    last = project.doit("csim", "design=example")
    assert last.out.splitlines()[-1].startswith("0 made, 42 up to date, ")


def small_network(path):
    """A convolution on a picture of 32 x 32, fixed in the file."""
    made = [helper.make_node("Conv", ["data", "w"], ["out"], name="conv")]
    data = helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 32, 32])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
    weight = helper.make_tensor("w", TensorProto.FLOAT, [8, 3, 3, 3], bytes(4 * 8 * 27), raw=True)
    graph = helper.make_graph(made, "g", [data], [out], [weight])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def test_a_network_that_cannot_be_read_stops_a_build_before_its_first_step(project):
    (project.root / "bad.onnx").write_bytes(b"no network")
    done = project.doit("build", "design=example", "network=bad.onnx")
    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("doit: bad.onnx: not an ONNX model: ")


def test_a_file_that_fixes_its_size_needs_no_resolution_and_refuses_another(project):
    small_network(project.root / "small.onnx")
    done = project.doit("modules:mac", "design=example", "network=small.onnx")
    assert (done.code, done.err) == (0, "")
    done = project.doit("modules:mac", "design=example", "network=small.onnx", "resolution=64")
    assert (done.code, done.err) == (
        1,
        "doit: small.onnx: resolution is 64; must be 32, the size that the file fixes. "
        "Use resolution=32, or export the network with a symbolic size.\n",
    )


def test_a_part_that_is_not_known_names_the_board_file(project):
    file = project.root / "boards" / "zcu104" / "board.yaml"
    file.write_text(file.read_text().replace("xczu7ev-ffvc1156-2-e", "xc99-1"))
    done = project.doit("csynth:mac", "design=example")
    assert (done.code, done.out, done.err) == (
        1,
        "",
        "doit: boards/zcu104/board.yaml: part is 'xc99-1'; must be of a known family (UltraScale+, 7-series, ECP5). "
        "Write it as the vendor does, for example xczu7ev-ffvc1156-2-e.\n",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_without_a_home_the_cache_is_in_the_outputs(project, tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    done = project.doit("csim:mac", "design=example", HOME=str(home), XDG_CACHE_HOME="", AIGCHIP_CACHE_DIR="")
    assert done.code == 0, done.err
    assert (project.root / "build" / "cache" / "csim").is_dir()


def test_a_cache_that_cannot_be_used_is_one_line(project, tmp_path):
    (tmp_path / "file").write_text("")
    cache = tmp_path / "file" / "cache"
    done = project.doit("csim:mac", "design=example", AIGCHIP_CACHE_DIR=str(cache))
    assert done.code == 1
    assert f"{cache}: the folder cannot be used (Not a directory). Set" in done.err
    assert "Set AIGCHIP_CACHE_DIR to a folder that can be written." in done.err
    assert "Traceback" not in done.err

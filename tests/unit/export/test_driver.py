"""The PYNQ driver, on a stand-in for pynq whose registers behave as the shell's."""

import ast
import sys
import types
from dataclasses import replace

import pytest

from aigchip.export import driver
from aigchip.toolchain import shell

pytestmark = pytest.mark.verifies("pynq-driver")


class Hardware:
    """Registers: a write of 1 to ap_ctrl runs, which takes three looks at the count of runs."""

    def __init__(self):
        self.words = {shell.REGISTER_ID: shell.ID, shell.REGISTER_VERSION: shell.VERSION, 0: 4}
        self.words |= {shell.REGISTER_CYCLES_LOW: 0xFFFF_FFFE, shell.REGISTER_CYCLES_HIGH: 3, shell.REGISTER_RUNS: 7}
        self.log = []
        self.pending = None
        self.hangs = False

    def read(self, offset):
        if offset == shell.REGISTER_RUNS and self.pending is not None and not self.hangs:
            self.pending -= 1
            if self.pending == 0:
                self.words[offset] += 1
                self.pending = None
        return self.words.get(offset, 0)

    def write(self, offset, value):
        self.log.append((offset, value))
        if offset == 0 and value & 1:
            self.pending = 3
        else:
            self.words[offset] = value


class Buffer:
    def __init__(self, address, log):
        self.device_address = address
        self.log = log

    def flush(self):
        self.log.append(("flush", self.device_address))

    def invalidate(self):
        self.log.append(("invalidate", self.device_address))


@pytest.fixture
def loaded(description, monkeypatch):
    hardware = Hardware()
    fake = types.ModuleType("pynq")

    class DefaultIP:
        def __init__(self, description):
            self.description = description

        def read(self, offset=0):
            return hardware.read(offset)

        def write(self, offset, value):
            hardware.write(offset, value)

    fake.DefaultIP = DefaultIP
    monkeypatch.setitem(sys.modules, "pynq", fake)
    module = types.ModuleType("example")
    exec(compile(driver.text(description), "driver/example.py", "exec"), module.__dict__)
    return module, module.ExampleAccelerator({"type": "x"}), hardware


@pytest.fixture
def layer(description):
    """A value for every scalar argument, a negative one among them."""
    memories = {memory.name for memory in description.memories}
    names = [argument.name for argument in description.arguments if argument.name not in memories]
    return {**{name: 3 + index for index, name in enumerate(names)}, "low": -128}


def test_it_is_python_3_8(description):
    tree = ast.parse(driver.text(description), feature_version=(3, 8))
    assert ast.get_docstring(tree)


def test_it_is_bound_to_the_core_by_name(loaded):
    module, _, _ = loaded
    assert module.ExampleAccelerator.bindto == [
        "aigchip:accelerators:example:1.0",
        "aigchip:user:accelerator:1.0",
    ]


def test_it_reads_id_version_cycles_and_runs(loaded):
    module, device, _ = loaded
    assert (device.id, device.version, device.runs, device.idle) == (
        module.ID,
        f"{shell.VERSION >> 16}.{shell.VERSION & 0xFFFF}",
        7,
        True,
    )
    assert device.cycles == 0x3_FFFF_FFFE


def test_a_run_writes_every_argument_then_starts_and_handles_the_caches(loaded, description, layer):
    _, device, hardware = loaded
    buffers = {
        name: Buffer(0x1_2000_0000 + 64 * index, hardware.log)
        for index, name in enumerate(("gmem_a", "gmem_b", "gmem_c"))
    }
    assert device.run(layer, **buffers) == 0x3_FFFF_FFFE
    offsets = {argument.name: argument.offset for argument in description.arguments}
    writes = [(offsets[name], value & 0xFFFFFFFF) for name, value in layer.items()]
    for name, buffer in buffers.items():
        address = buffer.device_address
        writes += [(offsets[name], address & 0xFFFFFFFF), (offsets[name] + 4, address >> 32)]
    flushes = [("flush", buffer.device_address) for buffer in buffers.values()]
    assert hardware.log == [*flushes, *writes, (0, 1), ("invalidate", 0x1_2000_0080)]


def test_what_does_not_fit_is_refused_before_the_start(loaded, layer, description):
    _, device, hardware = loaded
    word_bytes = description.memories[0].width_bits // 8
    places = {"gmem_a": 0, "gmem_b": 0, "gmem_c": 0}
    with pytest.raises(ValueError, match="stride is 4294967296; must be -2147483648 to 4294967295"):
        device.run({**layer, "stride": 1 << 32}, **places)
    with pytest.raises(ValueError, match=f"gmem_b is 0x4; must be a multiple of {word_bytes}"):
        device.run(layer, **{**places, "gmem_b": 4})
    with pytest.raises(ValueError, match="the argument k is unknown"):
        device.run({**layer, "k": 1}, **places)
    with pytest.raises(ValueError, match="the argument stride is missing"):
        device.run({name: value for name, value in layer.items() if name != "stride"}, **places)
    assert (0, 1) not in hardware.log


def test_other_hardware_a_busy_one_and_one_that_hangs_are_named(loaded, layer):
    module, device, hardware = loaded
    places = {"gmem_a": 0, "gmem_b": 0, "gmem_c": 0}
    hardware.words[shell.REGISTER_ID] = 5
    with pytest.raises(module.AcceleratorError, match="the id is 0x00000005; must be 0x41494743"):
        device.run(layer, **places)
    hardware.words[shell.REGISTER_ID] = shell.ID
    hardware.words[0] = 0
    with pytest.raises(module.AcceleratorError, match="a run is under way"):
        device.run(layer, **places)
    hardware.words[0], hardware.hangs = 4, True
    with pytest.raises(module.AcceleratorError, match=r"the run does not end within 0\.05 s"):
        device.run(layer, **places, timeout_s=0.05)


def test_the_class_of_a_numbered_design_has_a_name(description):
    assert driver.class_name(replace(description, design="42")) == "Design42Accelerator"

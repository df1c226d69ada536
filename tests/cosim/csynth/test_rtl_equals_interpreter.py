"""RTL = IR interpreter (= C++, which the front end's tests show), at full rate and with random stalls on every port."""

from dataclasses import asdict

import pytest
from cosim.csynth.programs import PROGRAMS
from unit.csynth.frontend.cases import CASES

from aigchip.core import paths
from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain import module_rtl, verilator
from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.model import PortKind
from csynth.ir.text import parse

_KINDS = {PortKind.SCALAR_IN: "scalar_in", PortKind.STREAM_IN: "stream_in", PortKind.STREAM_OUT: "stream_out"}


def rtl_of(program, folder, **options):
    paths_ = []
    for name, verilog in make_hardware(program, **{"clock_period_ps": 3333, **options}).verilog.items():
        (folder / f"{name}.v").write_text(verilog)
        paths_.append(folder / f"{name}.v")
    return paths_


def ports_of(function):
    ports = {}
    for port in function.ports:
        if port.maxi:
            if port.role in ("R", "W"):
                ports[port.maxi] = Port(name=port.maxi, kind="maxi", width_bits=port.width_bits, meaning="")
        elif port.name == "ap_return":
            ports[port.name] = Port(name="return", kind="return", width_bits=port.width_bits, meaning="")
        else:
            ports[port.name] = Port(name=port.name, kind=_KINDS[port.kind], width_bits=port.width_bits, meaning="")
    return list(ports.values())


def compare(program, folder, *, streams, scalars, memories, calls=2, wrapper=None, region=None, **options):
    """Simulate `program` and check every word; `wrapper` is the text of a module `held` around its top."""
    unused = (
        Machine(program).run(streams={k: list(v) for k, v in streams.items()}, scalars=scalars, memories=memories).left
    )
    streams = {name: words[: len(words) - len(unused.get(name, ()))] for name, words in streams.items()}
    vectors = []
    machine = Machine(program)
    for number in range(calls):  # again without a reset: what the first call leaves must not matter
        outcome = machine.run(
            streams={name: list(words) for name, words in streams.items()},
            scalars=scalars,
            memories={name: list(words) for name, words in memories.items()},
        )
        vectors.append(
            Vector(
                name=f"call {number}",
                scalars_in=scalars,
                streams_in={name: tuple(words) for name, words in streams.items()},
                streams_out={name: tuple(words) for name, words in outcome.streams.items()},
                memories_in={name: tuple(words) for name, words in memories.items()},
                memories_out={name: tuple(words) for name, words in outcome.memories.items()},
                returns=outcome.scalars.get("ap_return"),
            )
        )
    rtl = rtl_of(program, folder, **options)
    if wrapper is not None:
        (folder / "held.v").write_text(wrapper)
        rtl.append(folder / "held.v")
    cache = paths.cache_dir() / "verilator"
    cache.mkdir(parents=True, exist_ok=True)
    work = folder / "work"
    return module_rtl.check_module(
        rtl,
        function=program.top if wrapper is None else "held",
        ports=ports_of(program.function(program.top)),
        vectors=vectors,
        cache=cache,
        work=work,
        region=region,
    )


@pytest.mark.verifies("csynth")
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "static ap_uint" not in case.source])
def test_cpp(name, tmp_path):
    case = CASES[name]
    program = compile_source((f"{name}.cpp", case.source), top=case.top)
    compare(program, tmp_path, streams=case.streams, scalars=case.scalars, memories=case.memories)


@pytest.mark.parametrize("name", PROGRAMS)
def test_ir(name, tmp_path):
    text, streams, scalars = PROGRAMS[name]
    compare(parse(text), tmp_path, streams=streams, scalars=scalars, memories={})


def test_a_static_variable_keeps_its_value_from_run_to_run(tmp_path):
    case = CASES["partial_unroll"]
    program = compile_source(("partial.cpp", case.source), top=case.top)
    machine = Machine(program)
    outcomes = [machine.run(streams={"in": list(case.streams["in"])}) for _ in range(9)]
    cache = paths.cache_dir() / "verilator"
    cache.mkdir(parents=True, exist_ok=True)
    model = verilator.build(rtl_of(program, tmp_path), top="partial", cache=cache)
    ports = ports_of(program.function("partial"))
    request = {
        "ports": [{"name": port.name, "kind": port.kind, "width_bits": port.width_bits} for port in ports],
        "vectors": [asdict(Vector(name="again", streams_in={"in": tuple(case.streams["in"])}))] * 3,
        "runs": [
            {"name": name, "stall_in": stall, "stall_out": stall, "seed": 1} for name, stall in (("a", 0.0), ("b", 0.5))
        ],
        "watchdog_cycles": 20000,
    }
    result = verilator.run(
        model,
        bench=module_rtl.BENCH,
        bench_dir=paths.testbench_dir(),
        work=tmp_path / "work",
        request=request,
        seed=1,
        timeout_seconds=120.0,
    )
    words = [call["streams_out"]["out"] for run in result["runs"] for call in run["calls"]]
    assert words == [outcome.streams["out"] for outcome in outcomes[:6]]

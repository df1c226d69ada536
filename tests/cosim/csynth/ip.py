"""An IP top in RTL against the interpreter (and, in the tests, C++): the request of the bench made from the function's interfaces."""

from dataclasses import dataclass, field

from aigchip.core import paths
from aigchip.toolchain import verilator
from csynth.driver import make_hardware
from csynth.frontend import compile_source
from csynth.ir.interpret import Machine
from csynth.ir.model import Interface, PortKind
from csynth.link.interface import argument_of, needs_wrapper, register_maps_of
from csynth.rtl.protocol import checks_for, faults_of

RUNS = (("full rate", 0.0, False), ("random stalls", 0.4, False), ("one read at a time", 0.2, True))
LIMIT_CYCLES = 600


@dataclass(frozen=True, kw_only=True)
class Stimulus:
    """Values of one call, by argument; `images` are the words behind each bundle."""

    streams: dict = field(default_factory=dict)
    scalars: dict = field(default_factory=dict)
    memories: dict = field(default_factory=dict)
    images: dict = field(default_factory=dict)
    bad: dict = field(default_factory=dict)


def build(source, top, folder, change=lambda name, text: text, *, include_dirs=()):
    """Compile, emit, and build the simulation model of the IP."""
    program = compile_source(("ip.cpp", source), top=top, include_dirs=include_dirs)
    files = make_hardware(program, clock_period_ps=3333).verilog
    function = program.function(top)
    assert needs_wrapper(function) or any(m.interface for m in function.memories), "else the module's own bench does"
    ip = f"{top}_ip" if needs_wrapper(function) else top
    sources = []
    for name, text in files.items():
        (folder / f"{name}.v").write_text(change(name, text))
        sources.append(folder / f"{name}.v")
    (folder / "checks.sv").write_text(checks_for((folder / f"{ip}.v").read_text(), ip))
    sources.append(folder / "checks.sv")
    cache = paths.cache_dir() / "verilator"
    cache.mkdir(parents=True, exist_ok=True)
    return program, verilator.build(sources, top=ip, cache=cache)


def request_of(function, stimuli, runs=RUNS):
    interfaces = {i.argument: i for i in function.interfaces}
    control = interfaces.get("return", Interface(argument="return"))
    maps = register_maps_of(function)
    in_registers = {r.name for registers in maps.values() for r in registers}
    ports = [{"name": bundle, "protocol": "s_axilite", "dir": "in"} for bundle in maps]
    for port in function.ports:
        if port.maxi or port.name in in_registers or port.name == "ap_return":
            continue
        mode = (interfaces.get(port.name) or interfaces.get(argument_of(port)) or Interface(argument=port.name)).mode
        protocol = port.interface
        if port.kind is PortKind.SCALAR_IN:
            if mode == "m_axi" and interfaces[port.name].option("offset") != "direct":
                continue
            protocol = "ap_none"
        elif port.kind is PortKind.SCALAR_OUT:
            protocol = "ap_none" if mode == "ap_none" else "ap_vld"
        elif protocol == "default":
            protocol = "axis"
        into = port.kind in (PortKind.SCALAR_IN, PortKind.STREAM_IN)
        fields = list(port.fields) if protocol == "axis" else []
        ports.append(
            {
                "name": port.name,
                "protocol": protocol,
                "dir": "in" if into else "out",
                "width": port.width_bits,
                "fields": fields,
            }
        )
    groups = list(dict.fromkeys(p.maxi for p in function.ports if p.maxi))
    direct = [name for name in groups if name in interfaces and interfaces[name].option("offset") == "direct"]
    ports += [{"name": name, "protocol": "ap_none", "dir": "in", "width": 64} for name in direct]
    ports += [
        {"name": name, "protocol": "m_axi", "dir": "in"}
        for name in dict.fromkeys(p.maxi for p in function.ports if p.maxi)
    ]
    ports += [{"name": m.name, "protocol": "ap_memory", "dir": "in"} for m in function.memories if m.interface]
    rows = [(bundle, r) for bundle, registers in maps.items() for r in registers]
    return {
        "ports": ports,
        "control": {
            "mode": control.mode if control.mode.startswith("ap_ctrl") else "ap_ctrl_hs",
            "bundle": control.registers if control.mode != "ap_ctrl_none" else None,
        },
        "arguments": [(bundle, r.offset, r.width_bits, r.name) for bundle, r in rows if r.kind == "in"],
        "results": [(bundle, r.offset, r.width_bits, r.name) for bundle, r in rows if r.kind != "in"],
        "written": [(bundle, r.control_offset, f"{r.name} written") for bundle, r in rows if r.kind == "out"],
        "limit_cycles": LIMIT_CYCLES,
        "runs": [{"name": name, "stall": stall, "one_read": one, "seed": 3} for name, stall, one in runs],
        "vectors": [],
    }


def words_of(image, width):
    """Bytes of a list of words."""
    return b"".join(word.to_bytes(width // 8, "little") for word in image).hex()


def expect(program, stimuli):
    """What the interpreter says of each call; memories behind ports start anew in each."""
    machine = Machine(program)
    outcomes = []
    for s in stimuli:
        outcomes.append(
            machine.run(
                streams={k: list(v) for k, v in s.streams.items()},
                scalars=s.scalars,
                memories={k: list(v) for k, v in (s.memories | s.images).items()},
            )
        )
    return outcomes


def simulate(program, model, stimuli, folder, *, outcomes, runs=RUNS):
    function = program.function(program.top)
    request = request_of(function, stimuli, runs)
    widths = {p.maxi: p.width_bits for p in function.ports if p.maxi and p.role in {"R", "W"}}
    given = {
        p["name"]
        for p in request["ports"]
        if p["dir"] == "in" and p["protocol"] not in {"ap_none", "s_axilite", "m_axi", "ap_memory"}
    }
    held = {p["name"] for p in request["ports"] if p["dir"] == "in" and p["protocol"] == "ap_none"}
    depths = {m.name: m.depth for m in function.memories if m.interface}
    for s, outcome in zip(stimuli, outcomes, strict=True):
        request["vectors"].append(
            {
                "streams": {n: list(s.streams.get(n, ())) for n in given},
                "holds": {n: s.scalars[n] for n in held},
                "registers": {name: s.scalars[name] for _, _, _, name in request["arguments"]},
                "memories": {
                    n: [*s.memories.get(n, ()), *[0] * (d - len(s.memories.get(n, ())))] for n, d in depths.items()
                },
                "images": {n: words_of(s.images[n], widths[n]) for n in widths},
                "awaits": {n: len(w) for n, w in outcome.streams.items()},
                "bad": s.bad,
            }
        )
    result = verilator.run(
        model,
        bench="cosim_ip",
        bench_dir=paths.testbench_dir(),
        work=folder / "work",
        request=request,
        seed=1,
        timeout_seconds=200.0,
    )
    return request, widths, result["runs"], faults_of((folder / "work" / "log.txt").read_text())


def check(source, top, stimuli, folder, runs=RUNS, *, include_dirs=()):
    """Every run of the IP does what the interpreter says; returns the program and the calls."""
    program, model = build(source, top, folder, include_dirs=include_dirs)
    outcomes = expect(program, stimuli)
    request, widths, results, faults = simulate(program, model, stimuli, folder, runs=runs, outcomes=outcomes)
    assert not faults, faults
    ends = {p["name"]: p["protocol"] for p in request["ports"] if p["dir"] == "out"}
    for run in results:
        for call, outcome in zip(run["calls"], outcomes, strict=False):
            where = run["name"]
            assert not call["deadlock"], where
            assert not call["faults"], (where, call["faults"])
            for name, protocol in ends.items():
                if protocol in {"ap_none", "ap_ack"}:
                    value = outcome.scalars[name] if name in outcome.scalars else outcome.streams[name][-1]
                    assert call["stands"][name] == value, (where, name)
                elif protocol == "ap_vld":
                    assert call["streams"][name][-1:] == [outcome.scalars[name]] if name in outcome.scalars else [], (
                        where,
                        name,
                    )
                else:
                    assert call["streams"][name] == outcome.streams[name], (where, name)
            for name, words in outcome.memories.items():
                if name in widths:
                    assert call["images"][name] == words_of(words, widths[name]), (where, name)
                else:
                    assert call["memories"][name] == words, (where, name)
            for _, _, _, name in request["results"]:
                assert call["registers"][name] == outcome.scalars[name], (where, name)
            for _, _, name in request["written"]:
                assert call["registers"][name] == [1, 0], (where, name)
            if call["returns"] is not None:
                assert call["returns"] == outcome.scalars["ap_return"]
            assert set(call["errors"].values()) <= {0}
        assert len(run["calls"]) == len(stimuli)
    return program, results, outcomes

"""The module of the harness that says of every cycle what the accelerator's array does, wired to the FIFOs of the template's graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aigchip.toolchain import shell

SOURCE = "causes.v"
#: What the array does in a cycle; one holds in each cycle of a run (`testbench/fastsim/causes.v`).
CAUSES = ("steps", "memory", "buffers", "pipeline", "control")
#: Bits of an arbiter's command that are its words (`template/include/aigchip_commands.h`).
_WORDS = "32:1"


def instance(fifos: Mapping[str, str], masters: Sequence[shell.MemoryPort]) -> str:
    """Return the Verilog of the module's instance `causes`.

    Args:
        fifos: Paths of the FIFOs, by their names in the template's graph.
        masters: The shell's AXI masters; `gmem_a_0` is a stripe of `gmem_a`.
    """

    def there(name: str) -> str:
        return f"{fifos[name]}.out_TVALID"

    def passes(name: str) -> str:
        return f"({fifos[name]}.out_TVALID && {fifos[name]}.out_TREADY)"

    def channels(operand: str, condition: str) -> list[str]:
        ports = [f"m_axi_{master.name}" for master in masters if master.name.startswith(f"gmem_{operand}")]
        return [f"({condition.format(port)})" for port in ports]

    def number(operand: str, condition: str) -> str:
        return " + ".join(f"{{7'd0, {term}}}" for term in channels(operand, condition))

    wires = {
        "clk": "ap_clk",
        "running": "shell.running",
        "taken": passes("array_words_a"),
        "command": passes("pe_array_commands"),
        "held": f"{fifos['results']}.in_TVALID && !{fifos['results']}.in_TREADY",
        "finished": "shell.kernel.pe_array_finished",
        "begins": passes("interconnect_commands"),
        "result": f"{there('results')} || {there('sums')}",
        "output_": there("outputs"),
        "parameters": there("param_words"),
        "sent": " || ".join(channels("c", "{0}_WVALID && {0}_WREADY")),
        "blocked": " || ".join(channels("c", "({0}_AWVALID && !{0}_AWREADY) || ({0}_WVALID && !{0}_WREADY)")),
        "written": number("c", "{0}_AWVALID && {0}_AWREADY"),
        "answered": number("c", "{0}_BVALID && {0}_BREADY"),
    }
    for operand in "ab":
        wires |= {
            f"there_{operand}": there(f"array_words_{operand}"),
            f"piece_{operand}": there(f"pieces_{operand}"),
            f"asked_{operand}": passes(f"arbiter_{operand}_commands"),
            f"tile_{operand}": f"{fifos[f'arbiter_{operand}_commands']}.out_TDATA[{_WORDS}]",
            f"word_{operand}": there(f"words_{operand}"),
            f"passed_{operand}": passes(f"words_{operand}"),
            f"fill_{operand}": there(f"fill_pieces_{operand}"),
            f"requested_{operand}": number(operand, "{0}_ARVALID && {0}_ARREADY"),
            f"delivered_{operand}": number(operand, "{0}_RVALID && {0}_RREADY && {0}_RLAST"),
        }
    outputs = "".join(f"wire cause_{name};\n" for name in CAUSES)
    ports = [f".{name}({expression})" for name, expression in wires.items()]
    ports += [f".{name}(cause_{name})" for name in CAUSES]
    return f"{outputs}fastsim_causes causes (\n  " + ",\n  ".join(ports) + "\n);"

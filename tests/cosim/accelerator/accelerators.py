"""A small expert design, synthesised and assembled once for the tests."""

from pathlib import Path

from aigchip.mapping import Geometry
from aigchip.space.design import Design
from aigchip.template import module, top
from aigchip.toolchain import network
from csynth.driver import synthesize

DESIGN = Design(
    mac_width=2,
    lane_macs=2,
    array_lanes=4,
    pack=1,
    noc_a_mac="unicast",
    noc_b_mac="unicast",
    noc_c_mac="broadcast",
    noc_a_lane="broadcast",
    noc_b_lane="unicast",
    noc_c_lane="unicast",
    noc_a_array="unicast",
    noc_b_array="broadcast",
    noc_c_array="unicast",
    buffer_a_kib=2,
    buffer_a_storage="bram",
    buffer_b_kib=2,
    buffer_b_storage="bram",
    buffer_c_kib=2,
    buffer_c_storage="bram",
    buffer_a_dimension="height",
    buffer_a_factor=2,
    buffer_b_dimension="width",
    buffer_b_factor=2,
    buffer_c_dimension="width",
    buffer_c_factor=2,
    reuse="output",
    slots=2,
    port_bits=64,
    ports=1,
    accumulator_bits=32,
    depthwise="none",
    clock_mhz=300,
)
GEOMETRY = Geometry.of(DESIGN)


def modules(folder: Path, design: Design = DESIGN) -> dict[str, Path]:
    """Synthesise the expert's code of every module; return the RTL folder of each instance."""
    codes = top.expert_codes(design)
    found = {}
    for process in top.process_graph(design).processes:
        out = folder / process.instance
        out.mkdir(parents=True)
        source = out / f"{process.function}.cpp"
        source.write_text(top.unit(process.instance, codes))
        synthesize(
            source,
            top=process.function,
            part="xczu7ev-ffvc1156-2-e",
            clock_period_ps=3333,
            out_dir=out,
            include_dirs=[module.include_dir()],
            resources=False,
        )
        found[process.instance] = out / "rtl"
    return found


def assemble(rtl: dict[str, Path], out: Path, **options) -> network.Assembly:
    """Assemble the design from its modules."""
    return network.assemble(top.process_graph(DESIGN), rtl, out, **options)

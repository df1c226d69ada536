"""Runs on the simulated board with the board's own Python: plain pynq, nothing that knows of the simulation. Prints JSON.

Arguments: the .bit, a .npz with the operands and the places of the output's elements, the offsets of the arguments as JSON.
"""

import json
import sys
import warnings

import numpy
import pynq
from pynq.pl_server.embedded_device import parse_bit_header

warnings.simplefilter("ignore")
bit, data, offsets = sys.argv[1], numpy.load(sys.argv[2]), json.loads(sys.argv[3])
with open(bit, "rb") as file:  # noqa: PTH123 (as on a board)
    told = {"part": parse_bit_header(file.read())["part"], "pynq": pynq.__version__}
overlay = pynq.Overlay(bit, download=False)
for clock in overlay.clock_dict.values():
    if clock["enable"] and clock["frequency"] is None:  # pynq 4.0.0 finds none in a .hwh of Zynq-7000, and needs one
        clock["frequency"] = 100.0
overlay.download()
ip = overlay.accelerator_0
told["ips"] = sorted(overlay.ip_dict)
told["id"] = ip.register_map.SHELL_ID[:]
told["by_mmio"] = pynq.MMIO(overlay.ip_dict["accelerator_0"]["phys_addr"], 0x2000).read(0x1000)
told["clock_of_overlay"] = pynq.Clocks.fclk0_mhz
pynq.Clocks.fclk0_mhz = 200
told["clock_200"] = pynq.Clocks.fclk0_mhz
pynq.Clocks.fclk0_mhz = 100
told["clock_100"] = pynq.Clocks.fclk0_mhz


def run(*, flush=True, invalidate=True):
    """Run once; return the cycles and whether every byte is right."""
    buffers = {name: pynq.allocate(data[name].shape, data[name].dtype, cacheable=1) for name in ("a", "b", "c")}
    for name, buffer in buffers.items():
        buffer[:] = data[name]
        if flush:
            buffer.flush()
    for name, value in zip(data["names"], data["values"], strict=True):
        ip.write(offsets[str(name)], int(value) & 0xFFFFFFFF)
    for name, buffer in buffers.items():
        ip.write(offsets["gmem_" + name], buffer.device_address & 0xFFFFFFFF)
        ip.write(offsets["gmem_" + name] + 4, buffer.device_address >> 32)
    ip.register_map.CTRL.AP_START = 1
    while not ip.read(0) & 2:
        pass
    if invalidate:
        buffers["c"].invalidate()
    found = numpy.array(buffers["c"])[data["places"]]
    return ip.read(0x1008) | ip.read(0x100C) << 32, bool((found == data["expected"]).all())


told["right"] = [run(), run()]
told["no_flush"] = run(flush=False)[1]
told["no_invalidate"] = run(invalidate=False)[1]
pynq.Clocks.fclk0_mhz = 300
told["right_at_300"] = run()
print(json.dumps(told))

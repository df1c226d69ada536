"""The netlist that nextpnr wrote after place and route, as Verilog for Verilator: every cell by what its configuration makes it do.

Functional: no delays. An input that nothing drives is 1, as in the device. What a cell is configured for and this model does not know is
refused. The PLL passes its input on: a cycle is a cycle.

Reference: prjtrellis (docs/architecture), Lattice FPGA-TN-02200 to -02205; nextpnr's ecp5 architecture for the cells' ports.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from aigchip.toolchain.ecp5.system import TOP
from aigchip.toolchain.ecp5.tools import PlaceAndRouteError
from csynth.dsp.mult18x18d import MULT18X18D

_BLOCK = 256  # registers in one always block
_RAM_INPUTS = {"D": 0, "B": 1, "C": 2, "A": 3}  # of a LUT, to the address bits of a RAM of 16 words
#: Where a RAM's write address and data enter the cell that passes them on.
_WRITE_PINS = {
    "WADO0": "D0", "WADO1": "B0", "WADO2": "C0", "WADO3": "A0", "WDO0": "C1", "WDO1": "A1", "WDO2": "D1", "WDO3": "B1",
}  # fmt: skip
_MODES = {"NORMAL": 0, "WRITETHROUGH": 1, "READBEFOREWRITE": 2}

DP16KD = """\
// A block of memory of 2048 bytes of 9 bits with two ports, without output registers. MODE: what a port reads while it writes: 0 what it
// read before, 1 what is written, 2 what was there.
module dp16kd #(parameter WIDTH_A = 18, WIDTH_B = 18, MODE_A = 0, MODE_B = 0, parameter [18431:0] INIT = 0) (
  input         clk,
  input         en_a,
  input         we_a,
  input  [13:0] at_a,
  input  [17:0] in_a,
  output [17:0] out_a,
  input         en_b,
  input         we_b,
  input  [13:0] at_b,
  input  [17:0] in_b,
  output [17:0] out_b
);
  reg [8:0] bytes [0:2047];
  reg [17:0] q_a = 18'd0, q_b = 18'd0;
  integer i;
  initial for (i = 0; i < 2048; i = i + 1) bytes[i] = INIT[9*i +: 9];
  assign out_a = q_a;
  assign out_b = q_b;

  wire [10:0] low_a = WIDTH_A == 18 ? {at_a[13:4], 1'b0} : at_a[13:3];
  wire [10:0] low_b = WIDTH_B == 18 ? {at_b[13:4], 1'b0} : at_b[13:3];
  wire [17:0] old_a = WIDTH_A == 18 ? {bytes[low_a | 11'd1], bytes[low_a]} : {9'd0, bytes[low_a]} >> shift(WIDTH_A, at_a[2:0]);
  wire [17:0] old_b = WIDTH_B == 18 ? {bytes[low_b | 11'd1], bytes[low_b]} : {9'd0, bytes[low_b]} >> shift(WIDTH_B, at_b[2:0]);

  function [3:0] shift(input integer width, input [2:0] at);
    shift = width == 1 ? {1'b0, at} : width == 2 ? {1'b0, at[2:1], 1'b0} : width == 4 ? {1'b0, at[2], 2'b00} : 4'd0;
  endfunction
  function [8:0] mask(input integer width);
    mask = width == 1 ? 9'h001 : width == 2 ? 9'h003 : width == 4 ? 9'h00f : 9'h1ff;
  endfunction

  always @(posedge clk) begin
    if (en_a) begin
      if (!we_a || MODE_A == 2) q_a <= old_a & (WIDTH_A == 18 ? 18'h3ffff : {9'd0, mask(WIDTH_A)});
      else if (MODE_A == 1) q_a <= in_a;
      if (we_a) begin
        if (WIDTH_A == 18) begin
          if (at_a[0]) bytes[low_a] <= in_a[8:0];
          if (at_a[1]) bytes[low_a | 11'd1] <= in_a[17:9];
        end else
          bytes[low_a] <= (bytes[low_a] & ~(mask(WIDTH_A) << shift(WIDTH_A, at_a[2:0])))
            | ((in_a[8:0] & mask(WIDTH_A)) << shift(WIDTH_A, at_a[2:0]));
      end
    end
    if (en_b) begin
      if (!we_b || MODE_B == 2) q_b <= old_b & (WIDTH_B == 18 ? 18'h3ffff : {9'd0, mask(WIDTH_B)});
      else if (MODE_B == 1) q_b <= in_b;
      if (we_b) begin
        if (WIDTH_B == 18) begin
          if (at_b[0]) bytes[low_b] <= in_b[8:0];
          if (at_b[1]) bytes[low_b | 11'd1] <= in_b[17:9];
        end else
          bytes[low_b] <= (bytes[low_b] & ~(mask(WIDTH_B) << shift(WIDTH_B, at_b[2:0])))
            | ((in_b[8:0] & mask(WIDTH_B)) << shift(WIDTH_B, at_b[2:0]));
      end
    end
  end
endmodule
"""

_Change = Callable[[dict[str, Any]], None]


def verilog(netlist: Path, *, change: _Change | None = None) -> dict[str, str]:
    """Return the Verilog of what nextpnr's --write left: the module `aigchip_top` and the models that it uses, by file.

    Args:
        netlist: routed.json.
        change: For tests: alters the cells, by name, before they are read.

    Raises:
        PlaceAndRouteError: A cell is configured for something that is not modelled.
    """
    module = next(iter(json.loads(netlist.read_text())["modules"].values()))
    if change is not None:
        change(module["cells"])
    return {
        "routed.v": "\n".join(_Netlist(module).text()) + "\n",
        "dp16kd.v": DP16KD,
        "MULT18X18D.v": MULT18X18D,
    }


class _Cell:
    """One cell: what it is connected to, and what it is configured for."""

    def __init__(self, name: str, cell: Mapping[str, Any]) -> None:
        self.name, self.type = name, str(cell["type"])
        self._pins: Mapping[str, list[Any]] = cell["connections"]
        self._values: Mapping[str, str] = cell["parameters"]

    def bit(self, pin: str) -> int | None:
        """The number of the net at a pin; None where there is none."""
        bits = self._pins.get(pin) or [None]
        return bits[0] if isinstance(bits[0], int) else None

    def wire(self, pin: str, nothing: str = "1'b1") -> str:
        """The net at an input, as Verilog."""
        bits = self._pins.get(pin) or [None]
        found = bits[0]
        return nothing if found is None else f"n{found}" if isinstance(found, int) else f"1'b{found}"

    def value(self, name: str, default: str = "") -> str:
        """A parameter; text that looks like a number is closed by a space."""
        return str(self._values.get(name, default)).strip()

    def number(self, name: str) -> int:
        """A parameter that is a number, written in binary."""
        return int(self.value(name, "0") or "0", 2)

    def muxed(self, pin: str, mux: str) -> str:
        """An input behind its multiplexer: as it is, inverted, or a constant."""
        how, wire = self.value(mux, pin), self.wire(pin)
        return f"1'b{how}" if how in {"0", "1"} else f"~{wire}" if how == "INV" else wire

    def must(self, name: str, *allowed: str) -> None:
        """Refuse a configuration that is not modelled."""
        if self.value(name, allowed[0]) not in allowed:
            raise PlaceAndRouteError(
                f"{self.type} {self.name}",
                f"{name} is {self.value(name)}; the model knows {', '.join(allowed)}",
                "Report this with the netlist.",
                code="model",
            )


class _Netlist:
    """A routed module."""

    def __init__(self, module: Mapping[str, Any]) -> None:
        self._ports: Mapping[str, Any] = module["ports"]
        self._cells = [_Cell(name, cell) for name, cell in module["cells"].items()]
        self._clocks = self._clock_nets()

    def _clock_nets(self) -> set[int | None]:
        """Return the nets that carry the one clock: what the PLL and the clock buffers drive, and the pin."""
        found: set[int | None] = set()
        for cell in self._cells:
            if cell.type == "EHXPLLL":
                found |= {cell.bit("CLKOP"), cell.bit("CLKOS"), cell.bit("CLKI")}
        while True:
            more = {c.bit("CLKO") for c in self._cells if c.type == "DCCA" and c.bit("CLKI") in found} - found
            if not more:
                return found - {None}
            found |= more

    def _check_clock(self, cell: _Cell, pin: str) -> None:
        if cell.bit(pin) not in self._clocks:
            raise PlaceAndRouteError(
                f"{cell.type} {cell.name}",
                f"{pin} is not on the PLL's clock",
                "Report this with the netlist.",
                code="model",
            )

    def text(self) -> Iterator[str]:
        """Yield the module's lines."""
        yield f"module {TOP} ("
        yield ",\n".join(
            f"  {port['direction']} wire [{len(port['bits']) - 1}:0] {name}" for name, port in self._ports.items()
        )
        yield ");"
        nets = sorted({bit for cell in self._cells for pin in cell._pins for bit in [cell.bit(pin)] if bit is not None})
        for start in range(0, len(nets), 16):
            yield "wire " + ", ".join(f"n{net}" for net in nets[start : start + 16]) + ";"
        yield "wire clk = clk_25mhz;"
        registers: list[tuple[_Cell, str]] = []
        for number, cell in enumerate(self._cells):
            if cell.type == "TRELLIS_FF":
                registers.append((cell, f"q{number}"))
            else:
                yield from self._cell(cell, number)
        for start in range(0, len(registers), _BLOCK):
            yield from self._registers(registers[start : start + _BLOCK])
        yield "endmodule"

    def _cell(self, cell: _Cell, number: int) -> Iterator[str]:
        if cell.type == "TRELLIS_COMB":
            yield from self._comb(cell, number)
        elif cell.type == "TRELLIS_RAMW":
            for out, pin in _WRITE_PINS.items():
                if cell.bit(out) is not None:
                    yield f"assign n{cell.bit(out)} = {cell.wire(pin)};"
        elif cell.type == "TRELLIS_IO":
            yield from self._pin(cell)
        elif cell.type == "DCCA":
            yield f"assign n{cell.bit('CLKO')} = {cell.wire('CLKI')};"
        elif cell.type == "EHXPLLL":
            for pin in ("CLKOP", "CLKOS"):
                if cell.bit(pin) is not None:
                    yield f"assign n{cell.bit(pin)} = clk;"
            if cell.bit("LOCK") is not None:
                yield f"assign n{cell.bit('LOCK')} = 1'b1;"
        elif cell.type == "DP16KD":
            yield from self._memory(cell, number)
        elif cell.type == "MULT18X18D":
            yield from self._multiplier(cell, number)
        else:
            raise PlaceAndRouteError(
                f"{cell.type} {cell.name}", "the cell is not modelled", "Report this with the netlist.", code="model"
            )

    def _comb(self, cell: _Cell, number: int) -> Iterator[str]:
        mode = cell.value("MODE", "LOGIC")
        cell.must("MODE", "LOGIC", "CCU2", "DPRAM", "RAMW_BLOCK")
        if mode == "RAMW_BLOCK":
            return
        out, init = cell.bit("F"), cell.number("INITVAL")
        if mode == "DPRAM":
            self._check_clock(cell, "WCK")
            cell.must("WCKMUX", "WCK")
            contents = sum((init >> lut & 1) << _word_of(lut) for lut in range(16))
            write = ", ".join(cell.wire(f"WAD{bit}") for bit in (3, 2, 1, 0))
            read = ", ".join(cell.wire(pin) for pin in ("A", "C", "B", "D"))
            yield f"reg [15:0] r{number} = 16'h{contents:04x};"
            yield f"always @(posedge clk) if ({cell.muxed('WRE', 'WREMUX')}) r{number}[{{{write}}}] <= {cell.wire('WD')};"
            if out is not None:
                yield f"assign n{out} = r{number}[{{{read}}}];"
            return
        lut = _lut(init, [cell.wire(pin) for pin in ("D", "C", "B", "A")])
        if mode == "LOGIC":
            if out is not None:
                yield f"assign n{out} = {lut};"
            if cell.bit("OFX") is not None:
                if cell.bit("FXA") is not None or cell.bit("FXB") is not None:
                    high, low = cell.wire("FXA"), cell.wire("FXB")
                else:
                    high, low = cell.wire("F1"), f"n{out}" if out is not None else lut
                yield f"assign n{cell.bit('OFX')} = {cell.wire('M')} ? {high} : {low};"
            return
        cell.must("CCU2_INJECT1", "NO", "YES")
        injects, carry = cell.value("CCU2_INJECT1") == "YES", cell.wire("FCI", "1'b0")
        yield f"wire l{number} = {lut};"
        if out is not None:
            yield f"assign n{out} = l{number}" + (";" if injects else f" ^ {carry};")
        if cell.bit("FCO") is not None:
            two = "1'b0" if injects else _lut(init & 15, ["1'b0", "1'b0", cell.wire("B"), cell.wire("A")])
            yield f"assign n{cell.bit('FCO')} = l{number} ? {carry} : {two};"

    def _pin(self, cell: _Cell) -> Iterator[str]:
        cell.must("DIR", "INPUT", "OUTPUT")
        name, index = next(
            (name, at)
            for name, port in self._ports.items()
            for at, bit in enumerate(port["bits"])
            if bit == cell.bit("B")
        )
        pin = f"{name}[{index}]"
        if cell.value("DIR") == "OUTPUT":
            yield f"assign {pin} = {cell.wire('I')};"
        elif cell.bit("O") is not None:
            yield f"assign n{cell.bit('O')} = {pin};"

    def _memory(self, cell: _Cell, number: int) -> Iterator[str]:
        sides: list[str] = []
        parameters: list[str] = []
        for side in ("A", "B"):
            cell.must(f"REGMODE_{side}", "NOREG")
            cell.must(f"CSDECODE_{side}", "0b000")
            cell.must(f"CLK{side}MUX", f"CLK{side}")
            width, mode = cell.number(f"DATA_WIDTH_{side}"), cell.value(f"WRITEMODE_{side}", "NORMAL")
            selected = [cell.muxed(f"CS{side}{bit}", f"CS{side}{bit}MUX") for bit in range(3)]
            writes = cell.muxed(f"WE{side}", f"WE{side}MUX")
            if (
                width not in {1, 2, 4, 9, 18}
                or mode not in _MODES
                or not _is_low([*selected, cell.muxed(f"RST{side}", f"RST{side}MUX")])
            ):
                raise PlaceAndRouteError(
                    f"{cell.type} {cell.name}",
                    f"port {side} is not modelled",
                    "Report this with the netlist.",
                    code="model",
                )
            if cell.bit(f"CLK{side}") is not None:
                self._check_clock(cell, f"CLK{side}")
            address = ", ".join(cell.muxed(f"AD{side}{bit}", f"AD{side}{bit}MUX") for bit in reversed(range(14)))
            data = ", ".join(cell.muxed(f"DI{side}{bit}", f"DI{side}{bit}MUX") for bit in reversed(range(18)))
            low = side.lower()
            sides.append(
                f".en_{low}({cell.muxed(f'CE{side}', f'CE{side}MUX')}), .we_{low}({writes}), .at_{low}({{{address}}}), "
                f".in_{low}({{{data}}}), .out_{low}(m{number}{low})"
            )
            parameters.append(f".WIDTH_{side}({width}), .MODE_{side}({_MODES[mode]})")
            yield f"wire [17:0] m{number}{low};"
            for bit in range(18):
                if cell.bit(f"DO{side}{bit}") is not None:
                    yield f"assign n{cell.bit(f'DO{side}{bit}')} = m{number}{low}[{bit}];"
        init = _contents(cell)
        if init:
            parameters.append(f".INIT(18432'h{init:x})")
        yield f"dp16kd #({', '.join(parameters)}) u{number} (.clk(clk), {', '.join(sides)});"

    def _multiplier(self, cell: _Cell, number: int) -> Iterator[str]:
        names = ("REG_INPUTA_CLK", "REG_INPUTB_CLK", "REG_INPUTC_CLK", "REG_PIPELINE_CLK", "REG_OUTPUT_CLK")
        enables = ("REG_INPUTA_CE", "REG_INPUTB_CE", "REG_PIPELINE_CE", "REG_OUTPUT_CE")
        given = [f'.{name}("{cell.value(name)}")' for name in (*names, *enables) if cell.value(name)]
        if any(cell.value(name) == "CLK0" for name in names):
            self._check_clock(cell, "CLK0")
        inputs = [f"{port}{bit}" for port in "ABC" for bit in range(18)]
        inputs += ["SIGNEDA", "SIGNEDB", "SOURCEA", "SOURCEB"]
        inputs += [f"{name}{index}" for name in ("CE", "RST") for index in range(4)]
        pins = [f".{pin}({cell.muxed(pin, f'{pin}MUX')})" for pin in inputs]
        pins += [".CLK0(clk)", *(f".CLK{index}(1'b0)" for index in (1, 2, 3))]
        outputs = {f"P{bit}": cell.bit(f"P{bit}") for bit in range(36)}
        pins += [f".{pin}({'' if net is None else f'n{net}'})" for pin, net in outputs.items()]
        yield f"MULT18X18D #({', '.join(given)}) u{number} ({', '.join(pins)});"

    def _registers(self, registers: list[tuple[_Cell, str]]) -> Iterator[str]:
        always: list[str] = []
        for cell, name in registers:
            self._check_clock(cell, "CLK")
            cell.must("CLKMUX", "CLK")
            cell.must("SRMODE", "LSR_OVER_CE", "ASYNC")
            cell.must("LSRMODE", "LSR")
            is_set = "1'b1" if cell.value("REGSET") == "SET" else "1'b0"
            reset = "" if cell.bit("LSR") is None else cell.muxed("LSR", "LSRMUX")
            enable = cell.muxed("CE", "CEMUX")
            data = cell.wire("DI" if cell.value("SD") == "1" else "M")
            yield f"reg {name} = {is_set};"
            if cell.bit("Q") is not None:
                yield f"assign n{cell.bit('Q')} = {name};"
            if reset and cell.value("SRMODE") == "ASYNC":
                yield f"always @(posedge clk or posedge {_edge(reset, cell)})"
                yield f"  if ({reset}) {name} <= {is_set}; else if ({enable}) {name} <= {data};"
                continue
            put = f"{name} <= {data};" if enable == "1'b1" else f"if ({enable}) {name} <= {data};"
            always.append(f"  if ({reset}) {name} <= {is_set}; else {put}" if reset else f"  {put}")
        yield "always @(posedge clk) begin"
        yield from always
        yield "end"


def _edge(reset: str, cell: _Cell) -> str:
    if not reset.startswith("n"):
        raise PlaceAndRouteError(
            f"{cell.type} {cell.name}",
            "an asynchronous reset is inverted",
            "Report this with the netlist.",
            code="model",
        )
    return reset


def _word_of(lut: int) -> int:
    """Return the word of a RAM that a place of its LUT's table is."""
    return sum((lut >> place & 1) << _RAM_INPUTS[pin] for place, pin in enumerate("ABCD"))


def _lut(init: int, inputs: list[str]) -> str:
    """Return a LUT of inputs D, C, B, A as Verilog; constants among them are taken out first."""
    for wire in inputs:
        if wire.startswith("1'b"):
            half = 1 << (len(inputs) - 1 - inputs.index(wire))
            places = [at for at in range(1 << len(inputs)) if (at & half != 0) == (wire == "1'b1")]
            smaller = sum((init >> at & 1) << new for new, at in enumerate(places))
            return _lut(smaller, [other for at, other in enumerate(inputs) if at != inputs.index(wire)])
    size = 1 << len(inputs)
    init &= (1 << size) - 1
    if init in {0, (1 << size) - 1}:
        return f"1'b{init & 1}"
    if size == 2:
        return inputs[0] if init == 2 else f"~{inputs[0]}"
    return _select(init, inputs)


def _select(init: int, inputs: list[str]) -> str:
    """Split a table at its first input; halves that are equal need no choice."""
    half = 1 << (len(inputs) - 1)
    low, high = init & (1 << half) - 1, init >> half
    if low == high:
        return _lut(low, inputs[1:])
    if low ^ high == (1 << half) - 1:
        return f"({inputs[0]} ^ {_lut(low, inputs[1:])})"
    one, zero = _lut(high, inputs[1:]), _lut(low, inputs[1:])
    if zero == "1'b0":
        return f"({inputs[0]} & {one})"
    if one == "1'b0":
        return f"(~{inputs[0]} & {zero})"
    if one == "1'b1":
        return f"({inputs[0]} | {zero})"
    if zero == "1'b1":
        return f"(~{inputs[0]} | {one})"
    return f"({inputs[0]} ? {one} : {zero})"


def _is_low(wires: list[str]) -> bool:
    return all(wire in {"1'b0", "~1'b1"} for wire in wires)


def _contents(cell: _Cell) -> int:
    """Return what a block of memory holds at first, byte 0 lowest: 64 pieces of 16 words of 18 bits, each in 20."""
    found = 0
    for piece in range(64):
        text = cell.value(f"INITVAL_{piece:02X}")
        value = int(text, 16) if text.startswith("0x") else int(text.replace("x", "0") or "0", 2)
        for word in range(16):
            found |= (value >> 20 * word & 0x3FFFF) << 18 * (16 * piece + word)
    return found

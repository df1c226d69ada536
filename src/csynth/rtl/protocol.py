"""Passive protocol checkers for simulation: bound to a top by the names of its ports, they print `protocol fault: ...` and change nothing.

Reference: AMBA AXI4-Stream (IHI 0051) section 2.2; AMBA AXI (IHI 0022) section A3; UG1399, "Block-Level Control Protocols".
"""

from __future__ import annotations

import re

MARK = "protocol fault:"

_STREAM = """\
module csynth_check_stream #(parameter WIDTH = 1, parameter NAME = "") (
  input ap_clk, input ap_rst, input [WIDTH-1:0] data, input valid, input ready
);
  reg waiting;
  reg [WIDTH-1:0] previous;
  initial waiting = 1'b0;
  always @(posedge ap_clk) begin
    if (!ap_rst && waiting && !valid) $display("@MARK@ %s: VALID was withdrawn before READY", NAME);
    if (!ap_rst && waiting && valid && data !== previous) $display("@MARK@ %s: the word changed before READY", NAME);
    waiting <= !ap_rst && valid && !ready;
    previous <= data;
  end
endmodule
"""

_BURSTS = """\
module csynth_check_bursts #(parameter NAME = "", parameter ANSWERS = 0) (
  input ap_clk, input ap_rst,
  input [63:0] address, input [7:0] len, input [2:0] size, input request,
  input word, input last, input answer
);
  // lengths of the bursts that are asked for, in order; those whose words have passed; those that are answered
  reg [7:0] lens [0:255];
  reg [15:0] asked, passed, answered, beat;
  wire [15:0] asked_now = asked + {15'd0, request};
  wire [7:0] expected = asked == passed ? len : lens[passed[7:0]];
  wire [63:0] end_address = address + (({56'd0, len} + 64'd1) << size) - 64'd1;
  initial begin
    asked = 16'd0; passed = 16'd0; answered = 16'd0; beat = 16'd0;
  end
  always @(posedge ap_clk) begin
    if (ap_rst) begin
      asked <= 16'd0; passed <= 16'd0; answered <= 16'd0; beat <= 16'd0;
    end else begin
      if (request) begin
        lens[asked[7:0]] <= len;
        asked <= asked_now;
        if (end_address[63:12] != address[63:12]) $display("@MARK@ %s: a burst crosses 4 KiB", NAME);
      end
      if (word && passed == asked_now) $display("@MARK@ %s: a word without a request", NAME);
      else if (word) begin
        if (last != (beat == {8'd0, expected})) $display("@MARK@ %s: LAST is at the wrong word", NAME);
        beat <= beat == {8'd0, expected} ? 16'd0 : beat + 16'd1;
        if (beat == {8'd0, expected}) passed <= passed + 16'd1;
      end
      if (answer && ANSWERS != 0) begin
        if (answered == passed) $display("@MARK@ %s: a response without a burst", NAME);
        answered <= answered + 16'd1;
      end
    end
  end
endmodule
"""

_CONTROL = """\
module csynth_check_control #(parameter CHAIN = 0) (
  input ap_clk, input ap_rst, input ap_start, input ap_done, input ap_idle, input ap_ready, input ap_continue
);
  reg busy, before_ready, held;
  reg [15:0] open;  // calls taken with ap_ready that have not ended: more than one where they overlap
  initial begin
    busy = 1'b0; before_ready = 1'b0; held = 1'b0; open = 16'd0;
  end
  always @(posedge ap_clk) begin
    if (ap_rst) begin
      busy <= 1'b0; before_ready <= 1'b0; held <= 1'b0; open <= 16'd0;
    end else begin
      if (ap_done && ap_idle) $display("@MARK@ ap_ctrl: ap_done while ap_idle");
      if (ap_done && !busy && !held && open == 16'd0) $display("@MARK@ ap_ctrl: ap_done without a start");
      if ((busy || open != 16'd0) && ap_idle) $display("@MARK@ ap_ctrl: ap_idle before ap_done");
      if (held && !ap_done) $display("@MARK@ ap_ctrl: ap_done fell before ap_continue");
      if (before_ready && !ap_start) $display("@MARK@ ap_ctrl: ap_start fell before ap_ready");
      if (ap_done) busy <= 1'b0;
      else if (ap_start && ap_idle) busy <= 1'b1;
      before_ready <= ap_start && !ap_ready && !ap_done;
      if (ap_start && ap_ready && !(ap_done && (CHAIN == 0 || ap_continue))) open <= open + 16'd1;
      if (!(ap_start && ap_ready) && ap_done && (CHAIN == 0 || ap_continue) && open != 16'd0) open <= open - 16'd1;
      held <= CHAIN != 0 && ap_done && !ap_continue;
    end
  end
endmodule
"""

_PORT = re.compile(r"^  (input|output) +(?:reg +)?(?:\[(\d+):0\] *)?(\w+),?$", re.MULTILINE)


def checks_for(verilog: str, top: str) -> str:
    """SystemVerilog that binds a checker to each stream, AXI channel and the control of `top` in `verilog`; empty when it has none."""
    head = verilog[verilog.index(f"module {top} ") :]
    ports = {name: int(high or 0) + 1 for _, high, name in _PORT.findall(head[: head.index(");")])}
    lines: list[str] = []

    def bind(module: str, parameters: dict[str, str], pins: dict[str, str]) -> None:
        given = ", ".join(f".{k}({v})" for k, v in parameters.items())
        tied = ", ".join(f".{k}({v})" for k, v in {"ap_clk": "ap_clk", "ap_rst": "ap_rst", **pins}.items())
        lines.append(f"bind {top} {module} #({given}) csynth_check_{len(lines)} ({tied});")

    def stream(name: str, payload: list[str], valid: str, ready: str) -> None:
        data = [part for part in payload if part in ports]
        width = sum(ports[part] for part in data) or 1
        pins = {"data": "{" + ", ".join(data) + "}" if data else "1'b0", "valid": valid, "ready": ready}
        bind("csynth_check_stream", {"WIDTH": str(width), "NAME": f'"{name}"'}, pins)

    for name in ports:
        if name.endswith("_TVALID") and f"{name[:-6]}TREADY" in ports:
            base = name[:-6]
            stream(
                base[:-1],
                [f"{base}T{p}" for p in ("DATA", "KEEP", "STRB", "USER", "LAST", "ID", "DEST")],
                name,
                f"{base}TREADY",
            )
        elif match := re.fullmatch(r"((?:m|s)_axi(?:_\w+?)?_)(AW|W|B|AR|R)VALID", name):
            base, channel = match.group(1), match.group(2)
            parts = ("ADDR", "LEN", "SIZE", "BURST", "DATA", "STRB", "LAST", "RESP")
            stream(f"{base}{channel}", [f"{base}{channel}{p}" for p in parts], name, f"{base}{channel}READY")
    for base in [name.removesuffix("ARVALID") for name in ports if re.fullmatch(r"m_axi_(\w+_)?ARVALID", name)]:
        for request, words, answer in (("AW", "W", "B"), ("AR", "R", "")):
            pins = {
                part: f"{base}{request}{part.replace('address', 'addr').upper()}" for part in ("address", "len", "size")
            }
            pins |= {
                "request": f"{base}{request}VALID && {base}{request}READY",
                "word": f"{base}{words}VALID && {base}{words}READY",
            }
            pins |= {
                "last": f"{base}{words}LAST",
                "answer": f"{base}{answer}VALID && {base}{answer}READY" if answer else "1'b0",
            }
            bind("csynth_check_bursts", {"NAME": f'"{base}{request}"', "ANSWERS": str(int(bool(answer)))}, pins)
    if {"ap_start", "ap_done", "ap_idle", "ap_ready"} <= ports.keys():
        chain = "ap_continue" in ports
        pins = {name: name for name in ("ap_start", "ap_done", "ap_idle", "ap_ready")}
        bind(
            "csynth_check_control",
            {"CHAIN": str(int(chain))},
            {**pins, "ap_continue": "ap_continue" if chain else "1'b0"},
        )
    return (_STREAM + _BURSTS + _CONTROL).replace("@MARK@", MARK) + "\n".join([*lines, ""]) if lines else ""


def faults_of(log: str) -> list[str]:
    """The faults that a simulation printed, each once."""
    return list(dict.fromkeys(line.partition(MARK)[2].strip() for line in log.splitlines() if MARK in line))

"""The module bench against hand-written RTL with csynth's interface, right and wrong."""

from pathlib import Path

import pytest

from aigchip.template.module import Port
from aigchip.template.vectors import Vector
from aigchip.toolchain import module_rtl

ADDER = """
// Adds `offset` to `count` words; one register on the way, so that the last word leaves before ap_done.
module adder(
  input wire ap_clk, input wire ap_rst, input wire ap_start,
  output wire ap_done, output wire ap_idle, output wire ap_ready,
  input wire [7:0] count, input wire [15:0] offset,
  input wire [15:0] in_TDATA, input wire in_TVALID, output wire in_TREADY,
  output reg [15:0] out_TDATA, output reg out_TVALID, input wire out_TREADY,
  output wire [7:0] ap_return
);
reg [7:0] taken;
reg running;
wire leave = out_TVALID && out_TREADY;
wire more = running && taken != count;
assign in_TREADY = more && (!out_TVALID || leave);
wire take = in_TREADY && in_TVALID;
assign ap_done = running && taken == count && !out_TVALID;
assign ap_ready = ap_done;
assign ap_idle = !running;
assign ap_return = taken;
always @(posedge ap_clk) begin
  if (ap_rst) begin
    running <= 1'b0; taken <= 8'd0; out_TVALID <= 1'b0;
  end else begin
    if (!running && ap_start) begin running <= 1'b1; taken <= 8'd0; end
    if (ap_done) running <= 1'b0;
    if (leave) out_TVALID <= 1'b0;
    if (take) begin taken <= taken + 8'd1; out_TVALID <= 1'b1; out_TDATA <= in_TDATA + offset; end
  end
end
endmodule
"""

COPIER = """
// Copies 4 words of memory g from offset 0 to offset 4, inverted.
module copier(
  input wire ap_clk, input wire ap_rst, input wire ap_start,
  output wire ap_done, output wire ap_idle, output wire ap_ready,
  output wire [95:0] g_AR_TDATA, output wire g_AR_TVALID, input wire g_AR_TREADY,
  input wire [63:0] g_R_TDATA, input wire g_R_TVALID, output wire g_R_TREADY,
  output wire [95:0] g_AW_TDATA, output wire g_AW_TVALID, input wire g_AW_TREADY,
  output wire [63:0] g_W_TDATA, output wire g_W_TVALID, input wire g_W_TREADY,
  input wire g_B_TDATA, input wire g_B_TVALID, output wire g_B_TREADY
);
reg [2:0] state; reg [2:0] words;
assign g_AR_TDATA = {32'd4, 64'd0};
assign g_AR_TVALID = state == 3'd1;
assign g_AW_TDATA = {32'd4, 64'd4};
assign g_AW_TVALID = state == 3'd2;
assign g_W_TDATA = ~g_R_TDATA;
assign g_W_TVALID = state == 3'd3 && g_R_TVALID;
assign g_R_TREADY = state == 3'd3 && g_W_TREADY;
assign g_B_TREADY = state == 3'd4;
assign ap_done = state == 3'd5;
assign ap_ready = ap_done;
assign ap_idle = state == 3'd0;
wire unused = g_B_TDATA;
always @(posedge ap_clk) begin
  if (ap_rst) begin state <= 3'd0; words <= 3'd0; end
  else case (state)
    3'd0: begin words <= 3'd0; if (ap_start) state <= 3'd1; end
    3'd1: if (g_AR_TREADY) state <= 3'd2;
    3'd2: if (g_AW_TREADY) state <= 3'd3;
    3'd3: if (g_W_TVALID && g_W_TREADY) begin words <= words + 3'd1; if (words == 3'd3) state <= 3'd4; end
    3'd4: if (g_B_TVALID) state <= 3'd5;
    default: state <= 3'd0;
  endcase
end
endmodule
"""

ADDER_PORTS = (
    Port(name="count", kind="scalar_in", width_bits=8, meaning=""),
    Port(name="offset", kind="scalar_in", width_bits=16, meaning=""),
    Port(name="in", kind="stream_in", width_bits=16, meaning=""),
    Port(name="out", kind="stream_out", width_bits=16, meaning=""),
    Port(name="return", kind="return", width_bits=8, meaning=""),
)


def adds(count: int, offset: int) -> Vector:
    words = tuple((index * 517 + 11) % 65536 for index in range(count))
    return Vector(
        name=f"{count} words",
        scalars_in={"count": count, "offset": offset},
        streams_in={"in": words},
        streams_out={"out": tuple((word + offset) % 65536 for word in words)},
        returns=count,
    )


ADDER_VECTORS = (adds(1, 7), adds(0, 3), adds(40, 65535))
MASK = (1 << 64) - 1
WORDS = (5, 0, MASK, 1 << 63)
COPIER_PORTS = (Port(name="g", kind="maxi", width_bits=64, meaning=""),)
COPIER_VECTORS = (
    Vector(
        name="copy", memories_in={"g": (*WORDS, 0, 0, 0, 0)}, memories_out={"g": (*WORDS, *(w ^ MASK for w in WORDS))}
    ),
)


pytestmark = pytest.mark.xdist_group("module_rtl")  # the fixtures are made once


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def check(models, tmp_path):
    def run(source: str, function: str, ports, vectors):
        file = tmp_path / f"{function}.v"
        file.write_text(source)
        return module_rtl.check_module(
            [file], function=function, ports=ports, vectors=vectors, cache=models, work=tmp_path / "run"
        )

    return run


def test_a_right_stream_module_passes_and_its_cycles_are_counted(check):
    result = check(ADDER, "adder", ADDER_PORTS, ADDER_VECTORS)
    full = [call.cycles for call in result.calls if call.run == module_rtl.FULL_RATE]
    stalled = [call.cycles for call in result.calls if call.run == module_rtl.STALLS]
    assert full == [4, 2, 43]  # one word a cycle, one to start, one to leave, one for ap_done
    assert stalled[2] > 43
    assert result.cycles.kind == "simulated"
    assert result.cycles.value == 49


def test_a_right_memory_module_passes(check):
    assert check(COPIER, "copier", COPIER_PORTS, COPIER_VECTORS).calls[0].cycles > 16


AGREE = "The C++ and the RTL disagree: report the module's source and vectors."
WRONG = {
    "a wrong word": (
        ("in_TDATA + offset", "in_TDATA + offset + 16'd1"),
        "mismatch",
        f"adder (RTL, vector '1 words', full rate): out[0] is 0x0013; must be 0x0012. {AGREE}",
    ),
    "a word dropped": (
        ("out_TVALID <= 1'b1;", "out_TVALID <= taken != 8'd5;"),
        "mismatch",
        f"adder (RTL, vector '40 words', full rate): out[5] is 0x0c28; must be 0x0a23. {AGREE}",
    ),
    "a word lost under back-pressure": (
        ("!out_TVALID || leave", "!out_TVALID || leave || 1'b1"),
        "mismatch",
        None,
    ),
    "input left over": (
        ("taken != count;", "taken != count && taken != 8'd30;"),
        "deadlock",
        None,
    ),
    "a wrong returned value": (
        ("ap_return = taken", "ap_return = taken + 8'd2"),
        "mismatch",
        f"adder (RTL, vector '1 words', full rate): the returned value is 0x03; must be 0x01. {AGREE}",
    ),
    "an end too early": (
        ("taken == count && !out_TVALID", "taken == count"),
        "mismatch",
        None,
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_stream_module_fails(check, name):
    (old, new), code, text = WRONG[name]
    assert old in ADDER
    with pytest.raises(module_rtl.RtlMismatchError) as caught:
        check(ADDER.replace(old, new), "adder", ADDER_PORTS, ADDER_VECTORS)
    assert caught.value.code == code
    if text is not None:
        assert str(caught.value) == text


def test_a_deadlock_names_the_ports_that_wait(check):
    with pytest.raises(module_rtl.RtlMismatchError) as caught:
        check(
            ADDER.replace("taken != count;", "taken != count && taken != 8'd30;"), "adder", ADDER_PORTS, ADDER_VECTORS
        )
    assert str(caught.value) == (
        "adder (RTL, vector '40 words', full rate): no progress for 20000 cycles; in: a word is offered and not taken "
        f"(10 left); out so far: out: 30 of 40 words. {AGREE}"
    )


def test_a_burst_outside_the_memory_fails(check):
    with pytest.raises(module_rtl.RtlMismatchError) as caught:
        check(COPIER.replace("{32'd4, 64'd0}", "{32'd4, 64'd5}"), "copier", COPIER_PORTS, COPIER_VECTORS)
    assert str(caught.value) == (
        "copier (RTL, vector 'copy', full rate): g: read of 4 words from 5; the memory has 8. " + AGREE
    )


def test_a_response_that_is_not_taken_fails(check):
    with pytest.raises(module_rtl.RtlMismatchError) as caught:
        check(COPIER.replace("state <= 3'd4; end", "state <= 3'd5; end"), "copier", COPIER_PORTS, COPIER_VECTORS)
    assert caught.value.code == "memory"

"""A self-checking bench in SystemVerilog for any simulator: one layer with random data, every byte of its output compared."""

from __future__ import annotations

from dataclasses import dataclass

from aigchip.export import common
from aigchip.export.description import Description, ExportError, Files
from aigchip.mapping import Geometry, LayerRun, Operands, trial
from aigchip.space import Design
from aigchip.toolchain import shell

TOP = "accelerator_bench"
FOLDER = "sim"
TOLD = "One layer on the accelerator, every byte of its output compared with numpy's result"
_MEMORIES = ("gmem_a", "gmem_b", "gmem_c")
_BASE = {"gmem_a": 0x1_0000, "gmem_b": 0x2_0000_1000, "gmem_c": 0x4_0000}
_LIMIT_CYCLES = 2_000_000
_LAYER_CYCLES = 5_000
"""What the bench's layer may take, as tiling estimates it."""

_MEMORY = """\
// A memory behind one AXI4 port: incrementing bursts of whole words, served in order. It takes 16 requests ahead in each direction, as the
// accelerator asks for further words before it takes the first.
module accelerator_bench_memory #(
  parameter int WIDTH = 64,
  parameter int BYTES = 1024,
  parameter [63:0] BASE = 0,
  parameter IMAGE = ""
) (
  input  wire               clk,
  input  wire               rst_n,
  input  wire [63:0]        awaddr,
  input  wire [7:0]         awlen,
  input  wire               awvalid,
  output wire               awready,
  input  wire [WIDTH-1:0]   wdata,
  input  wire [WIDTH/8-1:0] wstrb,
  input  wire               wlast,
  input  wire               wvalid,
  output wire               wready,
  output wire               bvalid,
  input  wire               bready,
  input  wire [63:0]        araddr,
  input  wire [7:0]         arlen,
  input  wire               arvalid,
  output wire               arready,
  output reg  [WIDTH-1:0]   rdata,
  output wire               rlast,
  output wire               rvalid,
  input  wire               rready
);
  localparam int QUEUE = 16;
  reg [7:0] bytes [0:BYTES-1];
  // Requests taken and not yet served, oldest first: where the next word lies, and how many words follow it.
  int read_at [0:QUEUE-1], read_left [0:QUEUE-1], write_at [0:QUEUE-1], write_left [0:QUEUE-1];
  int reads, writes, answers;

  initial begin
    for (int i = 0; i < BYTES; i++) bytes[i] = 8'ha5;
    if (IMAGE != "") $readmemh(IMAGE, bytes);
  end

  assign awready = writes < QUEUE;
  assign wready = writes > 0;
  assign bvalid = answers > 0;
  assign arready = reads < QUEUE;
  assign rvalid = reads > 0;
  assign rlast = read_left[0] == 0;

  always @* begin
    rdata = {WIDTH{1'b0}};
    for (int i = 0; i < WIDTH / 8; i++) if (rvalid && read_at[0] + i < BYTES) rdata[8 * i +: 8] = bytes[read_at[0] + i];
  end

  function automatic int place(input [63:0] address, input [7:0] length);
    if (address < BASE || address + 64'(WIDTH / 8) * (64'(length) + 1) > BASE + 64'(BYTES))
      $fatal(1, "FAIL: a burst of %0d words at %h leaves the memory", length + 1, address);
    return 32'(address - BASE);
  endfunction

  always @(posedge clk) begin
    int reads_now, writes_now, answers_now;
    reads_now = rst_n ? reads : 0;
    writes_now = rst_n ? writes : 0;
    answers_now = rst_n ? answers : 0;
    if (rst_n && bvalid && bready) answers_now--;
    if (rst_n && wvalid && wready) begin
      if (wlast != (write_left[0] == 0)) $fatal(1, "FAIL: WLAST does not fit AWLEN");
      for (int i = 0; i < WIDTH / 8; i++) if (wstrb[i]) bytes[write_at[0] + i] <= wdata[8 * i +: 8];
      write_at[0] <= write_at[0] + WIDTH / 8;
      write_left[0] <= write_left[0] - 1;
      if (wlast) begin
        for (int i = 0; i < QUEUE - 1; i++) begin
          write_at[i] <= write_at[i + 1];
          write_left[i] <= write_left[i + 1];
        end
        writes_now--;
        answers_now++;
      end
    end
    if (rst_n && awvalid && awready) begin
      write_at[writes_now] <= place(awaddr, awlen);
      write_left[writes_now] <= 32'(awlen);
      writes_now++;
    end
    if (rst_n && rvalid && rready) begin
      read_at[0] <= read_at[0] + WIDTH / 8;
      read_left[0] <= read_left[0] - 1;
      if (rlast) begin
        for (int i = 0; i < QUEUE - 1; i++) begin
          read_at[i] <= read_at[i + 1];
          read_left[i] <= read_left[i + 1];
        end
        reads_now--;
      end
    end
    if (rst_n && arvalid && arready) begin
      read_at[reads_now] <= place(araddr, arlen);
      read_left[reads_now] <= 32'(arlen);
      reads_now++;
    end
    reads <= reads_now;
    writes <= writes_now;
    answers <= answers_now;
  end
endmodule
"""

_BENCH = """\
module accelerator_bench;
  // Delays are in the simulator's default unit; only their order counts.
  reg ap_clk = 1'b0;
  reg ap_rst_n = 1'b0;
  always #5 ap_clk = !ap_clk;

  reg  [12:0] awaddr, araddr;
  reg  [31:0] wdata;
  reg         awvalid = 1'b0, wvalid = 1'b0, arvalid = 1'b0;
  wire        awready, wready, bvalid, arready, rvalid, interrupt;
  wire [31:0] rdata;
  wire [1:0]  bresp, rresp;
@WIRES@
  @SHELL@ dut (
    .ap_clk(ap_clk),
    .ap_rst_n(ap_rst_n),
    .s_axi_control_AWADDR(awaddr), .s_axi_control_AWVALID(awvalid), .s_axi_control_AWREADY(awready),
    .s_axi_control_WDATA(wdata), .s_axi_control_WSTRB(4'hf), .s_axi_control_WVALID(wvalid), .s_axi_control_WREADY(wready),
    .s_axi_control_BRESP(bresp), .s_axi_control_BVALID(bvalid), .s_axi_control_BREADY(1'b1),
    .s_axi_control_ARADDR(araddr), .s_axi_control_ARVALID(arvalid), .s_axi_control_ARREADY(arready),
    .s_axi_control_RDATA(rdata), .s_axi_control_RRESP(rresp), .s_axi_control_RVALID(rvalid), .s_axi_control_RREADY(1'b1),
@TIES@
    .interrupt(interrupt)
  );
@MEMORIES@
  reg [7:0] expected [0:@EXPECTED@-1];
  reg address_sent, data_sent, answered;
  reg [31:0] value, low, high, started;
  integer channel, row, column, wrong;
  integer cycles = 0;

  // The host changes its signals at the falling edge and looks at the rising one, so no simulator can see them change in between.
  task write(input [12:0] address, input [31:0] data);
    begin
      @(negedge ap_clk);
      awaddr = address;
      wdata = data;
      awvalid = 1'b1;
      wvalid = 1'b1;
      while (awvalid || wvalid) begin
        @(posedge ap_clk);
        address_sent = awready;
        data_sent = wready;
        @(negedge ap_clk);
        if (address_sent) awvalid = 1'b0;
        if (data_sent) wvalid = 1'b0;
      end
      while (!answered) @(posedge ap_clk);
    end
  endtask

  task read(input [12:0] address, output [31:0] data);
    begin
      @(negedge ap_clk);
      araddr = address;
      arvalid = 1'b1;
      address_sent = 1'b0;
      while (!address_sent) begin
        @(posedge ap_clk);
        address_sent = arready;
      end
      @(negedge ap_clk);
      arvalid = 1'b0;
      while (!rvalid) @(negedge ap_clk);
      data = rdata;
    end
  endtask

  // An answer lasts one cycle, as the host is always ready for it.
  always @(posedge ap_clk) answered <= awvalid ? 1'b0 : bvalid || answered;

  always @(posedge ap_clk) begin
    cycles <= cycles + 1;
    if (cycles > @LIMIT@) $fatal(1, "FAIL: no end within @LIMIT@ cycles");
  end

  initial begin
    $readmemh("@FOLDER@/expected.hex", expected);
    repeat (8) @(posedge ap_clk);
    @(negedge ap_clk) ap_rst_n = 1'b1;
    repeat (16) @(posedge ap_clk);
    read(13'h@ID_AT@, value);
    if (value != 32'h@ID@) $fatal(1, "FAIL: the id is %h; must be @ID@", value);
@WRITES@
    read(13'h@RUNS_AT@, started);
    write(13'h0000, 32'd1);
    value = started;
    while (value == started) read(13'h@RUNS_AT@, value);
    read(13'h@LOW_AT@, low);
    read(13'h@HIGH_AT@, high);
    wrong = 0;
    for (channel = 0; channel < @CHANNELS@; channel = channel + 1)
      for (row = 0; row < @ROWS@; row = row + 1)
        for (column = 0; column < @COLUMNS@; column = column + 1)
          if (memory_gmem_c.bytes[((channel / @BLOCK@) * @PLANE@ + row * @PITCH@ + column) * @BLOCK@ + channel % @BLOCK@]
              != expected[(channel * @ROWS@ + row) * @COLUMNS@ + column]) wrong = wrong + 1;
    if (wrong != 0) $fatal(1, "FAIL: %0d of %0d elements of C are wrong", wrong, @EXPECTED@);
    $display("PASS: @LAYER@ is bit-exact; %0d cycles, simulated", {high, low});
    $finish;
  end
endmodule
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchLayer:
    """The layer that a bench runs, laid out for the design.

    Attributes:
        run: What is computed.
        operands: The arguments and the memories.
        block: Channels of a block.
        plane_pixels: Pixels of a plane of the output.
    """

    run: LayerRun
    operands: Operands
    block: int
    plane_pixels: int


def layer(description: Description) -> BenchLayer:
    """Return the layer that the benches run: a 3 x 3 convolution with padding, a product where that does not fit."""
    sizes = Geometry.of(Design.from_dict(description.parameters, where=description.design))
    found = trial.padded(sizes, _LAYER_CYCLES) or trial.odd_product(sizes, _LAYER_CYCLES)
    run = LayerRun(layer=found, relu=True, padding=3, zero_point=-5)
    operands = run.operands(sizes)
    plane_pixels = operands.job.out_plane * sizes.word_pixels
    return BenchLayer(run=run, operands=operands, block=sizes.block, plane_pixels=plane_pixels)


def files(description: Description) -> Files:
    """Return the bench and its data under sim/.

    Raises:
        ExportError: The accelerator has other memory ports than A, B and C.
    """
    names = tuple(memory.name for memory in description.memories)
    if names != _MEMORIES:
        raise ExportError(
            description.design,
            f"the memory ports are {', '.join(names)}; the bench knows {', '.join(_MEMORIES)}",
            "Export as folder or filelist.",
            code="bench",
        )
    job = layer(description)
    images = {"gmem_a": job.operands.image_a, "gmem_b": job.operands.image_b}
    found: Files = {f"{FOLDER}/{name}.hex": _hex(image) for name, image in images.items()}
    found[f"{FOLDER}/expected.hex"] = _hex(job.run.reference().tobytes())
    found[f"{FOLDER}/{TOP}.sv"] = _text(description, job)
    return found


def register_values(description: Description, job: BenchLayer) -> list[tuple[int, int]]:
    """Return what is written before the start: byte offset and 32-bit word."""
    values = job.operands.job.to_dict() | _BASE
    return [
        (argument.offset + 4 * word, values[argument.name] >> 32 * word & 0xFFFFFFFF)
        for argument in description.arguments
        for word in range((argument.width_bits + 31) // 32)
    ]


def _hex(data: bytes) -> str:
    return "".join(f"{byte:02x}\n" for byte in data)


def _text(description: Description, job: BenchLayer) -> str:
    operands, computed = job.operands, job.run.layer
    wires, ties, memories = [], [], []
    sizes = {
        "gmem_a": len(operands.image_a),
        "gmem_b": len(operands.image_b),
        "gmem_c": operands.bytes_c,
    }
    for memory in description.memories:
        prefix = f"m_axi_{memory.name}_"
        image = "" if memory.name == "gmem_c" else f"{FOLDER}/{memory.name}.hex"
        pins = []
        for way, name, bits in shell.outer_ports([memory]):
            signal = name.removeprefix(prefix)
            if way == "input" and signal in ("BID", "BRESP", "RID", "RRESP"):
                ties.append(f"    .{name}({bits}'d0),")
                continue
            if signal.lower() in _USED:
                wires.append(f"  wire [{bits - 1}:0] {name};")
                ties.append(f"    .{name}({name}),")
                pins.append(f".{signal.lower()}({name})")
            else:
                ties.append(f"    .{name}(),")
        base = f"64'h{_BASE[memory.name]:x}"
        memories.append(
            f"  accelerator_bench_memory #(.WIDTH({memory.width_bits}), .BYTES({sizes[memory.name]}), .BASE({base}), "
            f'.IMAGE("{image}")) memory_{memory.name} (\n'
            f"    .clk(ap_clk), .rst_n(ap_rst_n),\n    {', '.join(pins)}\n  );"
        )
    words = {
        "WIRES": "\n".join(wires),
        "TIES": "\n".join(ties),
        "MEMORIES": "\n".join(memories),
        "SHELL": description.shell,
        "EXPECTED": str(computed.outputs * computed.out_rows * computed.out_columns),
        "LIMIT": str(_LIMIT_CYCLES),
        "FOLDER": FOLDER,
        "ID": f"{shell.ID:08x}",
        "ID_AT": f"{shell.REGISTER_ID:04x}",
        "RUNS_AT": f"{shell.REGISTER_RUNS:04x}",
        "LOW_AT": f"{shell.REGISTER_CYCLES_LOW:04x}",
        "HIGH_AT": f"{shell.REGISTER_CYCLES_HIGH:04x}",
        "WRITES": "\n".join(
            f"    write(13'h{offset:04x}, 32'h{value:08x});" for offset, value in register_values(description, job)
        ),
        "LAYER": job.run.name,
        "CHANNELS": str(computed.outputs),
        "ROWS": str(computed.out_rows),
        "COLUMNS": str(computed.out_columns),
        "PITCH": str(operands.job.out_columns),
        "BLOCK": str(job.block),
        "PLANE": str(job.plane_pixels),
    }
    bench = _BENCH
    for name, value in words.items():
        bench = bench.replace(f"@{name}@", value)
    head = common.header(description, TOLD, "//")
    return f"{head}\n{_MEMORY}\n{bench}"


_USED = {
    *("awaddr", "awlen", "awvalid", "awready", "wdata", "wstrb", "wlast", "wvalid", "wready", "bvalid", "bready"),
    *("araddr", "arlen", "arvalid", "arready", "rdata", "rlast", "rvalid", "rready"),
}

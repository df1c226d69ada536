"""The shell's text: both engines' kernels fit, what does not fit is named."""

import pytest

from aigchip.toolchain import shell

CONTROL = ",\n".join(
    f"  {way} {'[6:0] ' if name.endswith('ADDR') else ''}s_axi_control_{name}"
    for way, names in shell.CONTROL.items()
    for name in names
)


def kernel(*ports: str, reset: str = "ap_rst_n") -> str:
    extra = "".join(f",\n  {port}" for port in ports)
    return f"module top (\n  input ap_clk, input {reset}, output interrupt,\n{CONTROL}{extra}\n);\nendmodule\n"


def render(text: str) -> str:
    return shell.render(text, kernel="top", memories=[shell.MemoryPort(name="gmem_a", width_bits=64)])


def test_a_kernel_of_csynth_has_an_active_high_reset():
    text = render(kernel("output [63:0] m_axi_gmem_a_ARADDR", reset="ap_rst"))
    assert "  .ap_rst(!ap_rst_n)," in text
    assert "  .m_axi_gmem_a_ARADDR(m_axi_gmem_a_ARADDR)," in text


def test_a_kernel_of_vitis_keeps_its_reset_and_its_user_signals_are_tied():
    text = render(kernel("output [0:0] m_axi_gmem_a_AWUSER", "input [0:0] m_axi_gmem_a_RUSER"))
    assert "  .ap_rst_n(ap_rst_n)," in text
    assert "  .m_axi_gmem_a_AWUSER()," in text
    assert "  .m_axi_gmem_a_RUSER(1'b0)," in text


def test_a_memory_port_that_only_reads_has_its_write_side_at_rest():
    text = render(kernel("output [63:0] m_axi_gmem_a_ARADDR"))
    assert "assign m_axi_gmem_a_AWVALID = 1'b0;" in text
    assert "assign m_axi_gmem_a_WDATA = 64'd0;" in text


def test_the_header_style_of_verilog_1995_is_read():
    text = "module top (ap_clk, data);\ninput ap_clk; // input not_this\noutput reg [3:0] data;\nendmodule\n"
    assert shell.module_ports(text, "top") == {"ap_clk": "input", "data": "output"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            kernel().replace("output interrupt,", ""),
            "top: the output interrupt is missing. Synthesise the top with s_axilite control in bundle `control`.",
        ),
        (
            kernel("output [7:0] debug"),
            "top: the port debug is unknown to the shell. Tie it inside the kernel.",
        ),
        (
            kernel().replace("[6:0] s_axi_control_AWADDR", "[15:0] s_axi_control_AWADDR"),
            "top: s_axi_control has 16 address bits; must have 6 to 12. Use fewer arguments.",
        ),
        ("module other(); endmodule", "top: the RTL does not define this module. Name the kernel's top module."),
    ],
)
def test_a_kernel_that_does_not_fit_is_named(text, message):
    with pytest.raises(shell.KernelPortError) as caught:
        shell.render(text, kernel="top", memories=[])
    assert str(caught.value) == message

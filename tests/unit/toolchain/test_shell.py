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


STRIPED = kernel("output [127:0] m_axi_gmem_a_WDATA", "input [127:0] m_axi_gmem_a_RDATA")
WIDE = [shell.MemoryPort(name="gmem_a", width_bits=128)]


def test_the_text_says_which_options_it_has():
    for options in (shell.DEFAULT, shell.Options(ports=4), shell.Options(jobs=True), shell.Options(ports=2, jobs=True)):
        text = shell.render(STRIPED, kernel="top", memories=WIDE, options=options)
        assert shell.options_of(text) == options
        assert ("module top_shell_jobs" in text, "module top_shell_stripe" in text) == (options.jobs, options.ports > 1)
    assert shell.options_of("module top_shell; endmodule") == shell.DEFAULT


def test_masters_and_bases_of_every_form():
    def names(options: shell.Options) -> list[tuple[str, int]]:
        return [(master.name, master.width_bits) for master in shell.masters(WIDE, options)]

    assert names(shell.DEFAULT) == [("gmem_a", 128)]
    assert names(shell.Options(ports=2, jobs=True)) == [("gmem_a_0", 64), ("gmem_a_1", 64), ("gmem_j", 64)]
    assert shell.bases(WIDE) == []
    assert shell.bases(WIDE, shell.Options(ports=2, jobs=True)) == [
        shell.Base(master="gmem_a_0", register=0x1040),
        shell.Base(master="gmem_a_1", register=0x1048),
    ]
    ports = [name for _, name, _ in shell.outer_ports(WIDE, shell.Options(ports=2))]
    assert "m_axi_gmem_a_1_RDATA" in ports
    assert "m_axi_gmem_a_RDATA" not in ports


def test_ports_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="ports is 3; must be 1, 2 or 4"):
        shell.Options(ports=3)
    with pytest.raises(shell.KernelPortError) as caught:
        shell.render(
            kernel(),
            kernel="top",
            memories=[shell.MemoryPort(name="gmem_a", width_bits=64)],
            options=shell.Options(ports=4),
        )
    assert str(caught.value) == (
        "top: gmem_a has 64 bits on 4 ports; each must have 32 to 1024, a power of two. Use fewer ports."
    )

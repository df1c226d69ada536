"""The registers of Vitis' RTL are read, not assumed. The texts are invented after the form of UG1399."""

import pytest

from aigchip.vendor.model import VendorReportError
from aigchip.vendor.registers import read_registers

TEXT = """// ------------------------Address Info-------------------
// 0x00 : Control signals
//        bit 0  - ap_start (Read/Write/COH)
// 0x10 : Data signal of m
//        bit 31~0 - m[31:0] (Read/Write)
// 0x14 : reserved
// 0x18 : Data signal of gmem_a
//        bit 31~0 - gmem_a[31:0] (Read/Write)
// 0x1c : Data signal of gmem_a
//        bit 31~0 - gmem_a[63:32] (Read/Write)
// 0x20 : reserved
"""


def test_offsets_and_widths(tmp_path):
    (tmp_path / "top_control_s_axi.v").write_text(TEXT.replace("\n", "\r\n"))
    assert read_registers(tmp_path, "top", ["m", "gmem_a"]) == [
        {"name": "m", "offset": 16, "width_bits": 32},
        {"name": "gmem_a", "offset": 24, "width_bits": 64},
    ]


def test_what_is_missing_is_one_clear_line(tmp_path):
    with pytest.raises(VendorReportError) as caught:
        read_registers(tmp_path, "top", ["m"])
    assert str(caught.value) == (
        "top_control_s_axi.v: the RTL has no such file. Give the top s_axilite in bundle control."
    )
    (tmp_path / "top_control_s_axi.v").write_text(TEXT)
    with pytest.raises(VendorReportError) as caught:
        read_registers(tmp_path, "top", ["k"])
    assert str(caught.value) == (
        "top_control_s_axi.v: it gives no whole register for the argument k. Look whether Vitis renamed the argument."
    )

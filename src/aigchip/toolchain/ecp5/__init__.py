"""From an accelerator's RTL to an ECP5 bitstream, with tools that come as wheels: yosys, nextpnr-ecp5, ecppack."""

"""The simulated board's own half of `pynq`: a device whose registers and memory are a design's RTL and a model of DDR.

A .pth file of the board's Python environment imports this package at the start of every interpreter. It does nothing until
a program imports `pynq`; then the stand-in for the hardware is put behind it. The program is the one that runs on hardware.
"""

from simulated_board import hook

hook.install()

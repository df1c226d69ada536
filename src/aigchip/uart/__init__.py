"""Boards at a UART: the frames of boards/uart/link.v, and reading and writing that survive what goes wrong on a line."""

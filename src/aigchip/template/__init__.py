"""The modular HLS template: modules, their instructions, expert code and test vectors, and the assembled top."""

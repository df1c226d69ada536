"""Emit Verilog-2005 from scheduled functions and from networks of modules."""

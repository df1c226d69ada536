"""Count the resources of emitted modules with yosys."""

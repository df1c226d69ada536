"""Hard multipliers: the cells, their simulation models, and the operations of the IR that become one cell each."""

"""Decide the clock cycle of every operation.

`problem` is the data, `build` makes a problem from a block, `solve` solves it, `check` judges the answer and shares no code with
`solve`; `function` does all of this for a whole function.
"""

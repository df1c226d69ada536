"""A sparse matrix in CSR times a vector; some rows are empty."""

BOUNDS = {"LOAD": (1, "one word an iteration"), "MAIN": (1, "one non-zero an iteration; the sum is one adder")}


def inputs(rng):
    lengths = [0, 5, 1, 12, 0, 0, 30, 2, 7, 9]
    total = sum(lengths)
    return {
        "vector": rng.integers(-128, 128, 64).tolist(),
        "lengths": lengths,
        "columns": rng.integers(0, 64, total).tolist(),
        "values": rng.integers(-128, 128, total).tolist(),
        "rows": len(lengths),
    }


def reference(x):
    at, out = 0, []
    for count in x["lengths"]:
        pairs = zip(x["columns"][at : at + count], x["values"][at : at + count], strict=True)
        out.append(sum(value * x["vector"][column] for column, value in pairs))
        at += count
    return {"out": out}

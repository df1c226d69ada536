"""The local alignment score of Smith and Waterman with linear gaps."""

BOUNDS = {
    "MAIN": (
        2,
        "recurrence column[k] -> gap -> two larger -> column[k]: three compares and selects and a subtraction; the chain over k is pipelined",
    )
}


def inputs(rng):
    return {"query": rng.integers(0, 4, 8).tolist(), "text": rng.integers(0, 4, 50).tolist(), "n": 50}


def reference(x):
    columns = [0] * 9
    best = 0
    for letter in x["text"]:
        new = [0]
        for k, q in enumerate(x["query"]):
            match = columns[k] + (3 if q == letter else -2)
            new.append(max(match, columns[k + 1] - 2, new[k] - 2, 0))
        columns = new
        best = max(best, *columns)
    return {"out": [best]}

"""Rows, files and pictures of made-up attempts."""

import xml.etree.ElementTree as ET

from aigchip.experiment.summary import Cost, Trial, markdown, per_verified, picture, summarise, table_csv, trials_csv
from aigchip.experiment.tables import INNER_PRODUCT, Cell, Table, questions, tables
from aigchip.space.derive import INSTANCES


def trial(task, sample, *, compiles=True, synthesises=True, correct=True, repaired=True, requests=("r1",)):
    return Trial(cell="one", task=task, sample=sample, compiles=compiles, synthesises=synthesises, correct=correct,
                 repaired=repaired, requests=requests)  # fmt: skip


TRIALS = [
    trial("mac", 0, requests=("r1",)),
    trial("mac", 1, correct=False, requests=("r2", "r3")),
    trial("post", 0, compiles=False, synthesises=False, correct=False, repaired=False, requests=("r4", "r5")),
    trial("post", 1, synthesises=False, correct=False, repaired=None, requests=("r6",)),
]
COSTS = {f"r{n}": Cost(tokens=100 * n, usd=0.01) for n in range(1, 7)}
TABLE = Table(
    number=1, title="Format of the prompt", cells=(Cell(name="one", arguments={}), Cell(name="two", arguments={}))
)


def test_a_row_sums_up_what_is_known():
    row = summarise("one", TRIALS, 8, COSTS)
    assert (row.attempts, row.wanted, row.requests, row.verified) == (4, 8, 6, 2)
    assert {name: share.value for name, share in row.rates.items()} == {
        "compiles": 0.75,
        "synthesises": 0.5,
        "correct": 0.25,
        "repaired": 2 / 3,
    }
    assert row.at_k["correct"].value == 0.5
    assert per_verified(row) == "3.00 requests, 1,050 tokens, 0.0300 USD"
    assert per_verified(summarise("one", TRIALS, 8, {})) == "3.00 requests"
    assert per_verified(summarise("one", TRIALS[2:3], 8, {})) == "none verified"


def test_a_setting_without_records_stays_empty():
    row = summarise("two", [], 8, COSTS)
    assert (row.attempts, dict(row.rates), per_verified(row)) == (0, {}, "")


def test_the_files_hold_the_same_figures():
    rows = [summarise("one", TRIALS, 8, COSTS), summarise("two", [], 8, COSTS)]
    assert trials_csv(TRIALS).splitlines()[2:5] == [
        "one,mac,1,1,1,0,1,,,2",
        "one,post,0,0,0,0,0,,,2",
        "one,post,1,1,0,0,,,,1",
    ]
    lines = table_csv(rows).splitlines()
    assert lines[1].startswith("one,4,1,0.7500,0.3006,0.9544,0.7500,1.0000,")
    assert lines[2] == "two,0," + "," * 20 + ",0,0,0,0"
    text = markdown(TABLE, rows)
    assert "| one | 4 of 8 | 75 % (30 to 95) | 50 % (15 to 85) | 25 % (5 to 70) | 67 % (21 to 94) |" in text
    assert "| two | 0 of 8 |  |  |  |  |  |" in text
    root = ET.fromstring(picture(TABLE, rows, "a < b"))
    bars = [node for node in root.iter() if node.tag.endswith("rect") and len(node)]
    assert [float(bar.get("height")) for bar in bars] == [165.0, 110.0, 55.0, 146.7]
    assert "two (no records)" in "".join(root.itertext())


def test_the_tasks_are_every_generated_module_and_the_inner_product():
    names = [question.name for question in questions(1)]
    modules = {"arbiter", "buffer_a", "buffer_b", "buffer_c", "ctrl", "interconnect", "load_a", "load_b", "mac", "pe_array",
               "pe_lane", "post", "store_c"}  # fmt: skip
    assert set(names) == {*modules, INNER_PRODUCT}
    assert len(names) == 14
    more = questions(2)
    assert len({(q.instance, tuple(q.parameters.items())) for q in more}) == len(more) > 20
    assert all(question.instance in INSTANCES for question in more)
    array = next(question for question in more if question.name == "pe_array")
    assert [name.split("_")[0] for name in array.callees] == ["mac", "pe"]


def test_the_tables_are_those_of_the_paper_without_its_finetuned_column():
    found = tables(("a", "b"))
    assert [(table.number, len(table.cells)) for table in found] == [(1, 3), (2, 6), (3, 6), (4, 2)]

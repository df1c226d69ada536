"""A study repeats exactly: with any number of workers, and after being killed at any point."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from unit.search.fake import evaluate, evaluate_slowly, evaluate_with_rejections

from aigchip.core.lock import file_lock
from aigchip.search import SearchError, StudySettings, numbers, read_record, read_records, run
from aigchip.search.records import DesignRecord
from aigchip.space import Design
from aigchip.space.sampling import count, sample

pytestmark = pytest.mark.verifies("search")

SETTINGS = StudySettings(study="s", trials=40, seed=5, max_dsp=4096)


def designs(folder: Path) -> list[Design]:
    return [record.design for record in read_records(folder)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[Design]:
    folder = tmp_path_factory.mktemp("undisturbed")
    run(SETTINGS, evaluate, folder=folder)
    return designs(folder)


def test_the_same_seed_gives_the_same_designs_and_another_seed_others(
    tmp_path: Path, undisturbed: list[Design]
) -> None:
    run(SETTINGS, evaluate, folder=tmp_path / "again")
    run(replace(SETTINGS, seed=6), evaluate, folder=tmp_path / "other")
    assert designs(tmp_path / "again") == undisturbed
    assert designs(tmp_path / "other") != undisturbed


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_parallel_workers_give_the_same_designs(tmp_path: Path, undisturbed: list[Design], workers: int) -> None:
    run(SETTINGS, evaluate_slowly, workers=workers, folder=tmp_path)
    assert designs(tmp_path) == undisturbed


def test_a_screened_study_repeats_with_parallel_workers(tmp_path: Path) -> None:
    def screen(design: Design) -> tuple[float, float]:
        return float(design.buffer_c_kib), float(design.multipliers)

    settings = replace(SETTINGS, screening=4)
    run(settings, evaluate, screen=screen, folder=tmp_path / "one")
    run(settings, evaluate_slowly, screen=screen, workers=4, folder=tmp_path / "many")
    assert designs(tmp_path / "one") == designs(tmp_path / "many")


def test_screening_needs_a_screen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="screening is 4; must be 1 without a screen"):
        run(replace(SETTINGS, screening=4), evaluate, folder=tmp_path)


def test_no_design_is_evaluated_twice(undisturbed: list[Design]) -> None:
    assert len(set(undisturbed)) == SETTINGS.trials


@pytest.mark.parametrize("kills", [[0, 5, 11], [1, 2, 3, 17, 33]])
def test_a_killed_study_goes_on_with_the_same_result(
    tmp_path: Path, undisturbed: list[Design], kills: list[int]
) -> None:
    command = [sys.executable, "-m", "unit.search.fake", str(tmp_path), "40"]
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root / 'tests'}"}
    for done in kills:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if int(line) >= done:
                    process.send_signal(signal.SIGKILL)
                    break
    assert len(numbers(tmp_path)) < 40
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, timeout=60)
    assert designs(tmp_path) == undisturbed


def test_an_error_of_the_evaluator_ends_the_study_and_the_next_run_goes_on(
    tmp_path: Path, undisturbed: list[Design]
) -> None:
    class DiskFullError(Exception):
        pass

    def failing(number: int, design: Design):
        if number == 20:
            raise DiskFullError
        return evaluate(number, design)

    with pytest.raises(DiskFullError):
        run(SETTINGS, failing, workers=2, folder=tmp_path)
    assert not (tmp_path / "designs" / "20.json").exists()
    run(SETTINGS, evaluate, folder=tmp_path)
    assert designs(tmp_path) == undisturbed


def test_a_torn_last_line_of_the_journal_does_no_harm(tmp_path: Path, undisturbed: list[Design]) -> None:
    run(replace(SETTINGS, trials=20), evaluate, folder=tmp_path)
    with (tmp_path / "journal.log").open("ab") as journal:
        journal.write(b'{"op_code":5,"worker')
    run(SETTINGS, evaluate, folder=tmp_path)
    assert designs(tmp_path) == undisturbed


def test_more_trials_extend_a_study(tmp_path: Path, undisturbed: list[Design]) -> None:
    for trials in (10, 25, 40):
        result = run(replace(SETTINGS, trials=trials), evaluate, folder=tmp_path)
        assert len(result.records) == trials
    assert designs(tmp_path) == undisturbed


def test_a_finished_study_evaluates_nothing(tmp_path: Path) -> None:
    settings = replace(SETTINGS, trials=5)
    first = run(settings, evaluate, folder=tmp_path)

    def refuse(number: int, design: Design):
        raise AssertionError(f"design {number} {design} is evaluated again")

    assert run(settings, refuse, folder=tmp_path) == first


def test_a_design_over_a_limit_is_infeasible_and_a_rejected_one_has_no_score(tmp_path: Path) -> None:
    result = run(replace(SETTINGS, max_dsp=200), evaluate_with_rejections, folder=tmp_path)
    by_status: dict[str, list[DesignRecord]] = {"feasible": [], "infeasible": [], "rejected": []}
    for record in result.records:
        by_status[record.status].append(record)
    assert all(by_status.values())
    for record in by_status["infeasible"]:
        assert record.reason == f"dsp is {record.figures['dsp'].value:,}; must be at most 200"
    for record in by_status["rejected"]:
        assert record.reason == "buffer_a: loop 'fill': II is 2; must be 1"
    assert {*result.front, *result.best} <= {record.number for record in by_status["feasible"]}
    late = [record.status for record in result.records[20:]]
    early = [record.status for record in result.records[:20]]
    assert late.count("feasible") > early.count("feasible")  # evolution leaves infeasible designs


def test_a_bound_on_the_latency_and_the_smallest_design_first(tmp_path: Path) -> None:
    settings = replace(SETTINGS, limits={"latency": 1000.0}, objective="dsp")
    result = run(settings, evaluate, folder=tmp_path)
    best = [result.record(number) for number in result.best]
    assert best
    assert all(record.objectives[0] <= 1000 for record in best)
    assert [record.objectives[::-1] for record in best] == sorted(record.objectives[::-1] for record in best)
    slow = next(record for record in result.records if record.status == "infeasible")
    assert slow.reason == f"latency is {slow.figures['latency'].number()} ms; must be at most 1,000.0 ms"


def test_of_designs_that_miss_the_bound_the_nearer_ones_have_children(tmp_path: Path) -> None:
    """No design of the first population is fast enough; evolution has to find its way to those that are."""
    bound = 1.2 * min(evaluate(0, record.design).figures["latency"].value for record in _first(tmp_path / "free"))
    settings = replace(SETTINGS, trials=120, limits={"latency": bound / 2})
    result = run(settings, evaluate, folder=tmp_path / "bounded")
    early = [record.objectives[0] for record in result.records[16:40]]
    late = [record.objectives[0] for record in result.records[-24:]]
    assert sum(late) < 0.7 * sum(early)


def _first(folder: Path) -> list[DesignRecord]:
    run(replace(SETTINGS, trials=16), evaluate, folder=folder)
    return read_records(folder)


@pytest.mark.parametrize("sampler", ["ageing_evolution", "random"])
def test_fixed_parameters_stay_and_a_small_space_is_searched_whole(tmp_path: Path, sampler: str) -> None:
    fixed = sample(Random(8)).to_dict()
    del fixed["buffer_a_storage"], fixed["buffer_b_factor"], fixed["buffer_b_dimension"]
    possible = count(tuple(fixed.items()))
    settings = replace(SETTINGS, sampler=sampler, fixed=fixed, trials=possible)
    run(settings, evaluate, folder=tmp_path / "whole")
    found = designs(tmp_path / "whole")
    assert len(set(found)) == possible
    assert all(design.to_dict().items() >= fixed.items() for design in found)
    with pytest.raises(SearchError, match=f"trials is {possible + 1}; must be at most {possible}, so many designs are"):
        run(replace(settings, trials=possible + 1), evaluate, folder=tmp_path / "more")


def test_the_result_sums_up_the_study(tmp_path: Path) -> None:
    result = run(SETTINGS, evaluate, folder=tmp_path)
    records = {record.number: record for record in result.records}
    assert [records[n].objectives for n in result.best] == sorted(r.objectives for r in result.records)
    assert result.front[0] == result.best[0]
    front = [records[n].objectives for n in result.front]
    assert front == sorted(front)
    assert [dsp for _, dsp in front] == sorted((dsp for _, dsp in front), reverse=True)
    assert result.hypervolume > 0
    assert result.modules == 14 * 40
    assert result.distinct_modules == len({module for r in result.records for module in r.modules})


def test_a_record_file_brings_the_design_back(tmp_path: Path) -> None:
    result = run(replace(SETTINGS, trials=3), evaluate, folder=tmp_path)
    assert tuple(read_records(tmp_path)) == result.records
    text = json.loads((tmp_path / "designs" / "2.json").read_text())
    assert text["number"] == 2
    assert text["figures"]["latency"]["kind"] == "estimated"
    assert text["figures"]["latency"]["tool"] == "made up for a test"
    assert text["generator"] == "expert"


CHANGED = {
    "seed": ({"seed": 6}, "seed is 6; must be 5, with which the study was begun. Use seed=5"),
    "max_dsp": ({"max_dsp": 9}, "max_dsp is 9; must be 4096, with which the study was begun. Use max_dsp=4096"),
    "context": (
        {"context": {"network": "resnet50"}},
        "network is resnet50; must be resnet18, with which the study was begun. Use network=resnet18",
    ),
    "context gone": (
        {"context": {}},
        "network is not given; must be resnet18, with which the study was begun. Use network=resnet18",
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_study_is_not_reopened_with_other_settings(tmp_path: Path, case: str) -> None:
    changes, text = CHANGED[case]
    settings = replace(SETTINGS, trials=2, context={"network": "resnet18"})
    run(settings, evaluate, folder=tmp_path)
    with pytest.raises(SearchError) as error:
        run(replace(settings, **changes), evaluate, folder=tmp_path)
    assert str(error.value) == f"study=s: {text}, or another study= for a new one."


def test_two_processes_do_not_search_one_study_at_once(tmp_path: Path) -> None:
    with file_lock(tmp_path / ".lock"), pytest.raises(SearchError) as error:
        run(SETTINGS, evaluate, folder=tmp_path)
    assert str(error.value) == (
        "study=s: the study is being searched by another process. Wait for it, or use another study=."
    )


def test_damaged_files_are_one_clear_line(tmp_path: Path) -> None:
    settings = replace(SETTINGS, trials=3)

    def refused(trials: int = 3) -> str:
        with pytest.raises(SearchError) as error:
            run(replace(settings, trials=trials), evaluate, folder=tmp_path)
        return str(error.value).replace(str(tmp_path), "FOLDER")

    run(settings, evaluate, folder=tmp_path)
    again = "Delete FOLDER and run the search again; synthesised modules are kept."
    (tmp_path / "designs" / "1.json").rename(tmp_path / "kept")
    assert refused() == f"FOLDER/designs/1.json: the file of a finished design is missing. {again}"
    (tmp_path / "designs" / "1.json").write_text("{}")
    assert refused() == (
        "FOLDER/designs/1.json: not the record of a design: 'number'. Delete the file and run the search again."
    )
    (tmp_path / "designs" / "1.json").write_text("{")
    assert refused().startswith("FOLDER/designs/1.json: not JSON: ")
    (tmp_path / "kept").rename(tmp_path / "designs" / "1.json")
    journal = (tmp_path / "journal.log").read_bytes()
    (tmp_path / "journal.log").write_bytes(b"hello\n" + journal)
    assert refused().startswith("FOLDER/journal.log: the journal is damaged: ")
    (tmp_path / "journal.log").write_bytes(journal)
    (tmp_path / "study.json").write_text("[]")
    assert refused().startswith("FOLDER/study.json: not the settings of a study: ")


def test_an_absent_design_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "resnet18"
    with pytest.raises(SearchError) as error:
        read_record(folder, 7)
    assert str(error.value) == "design=7: the study resnet18 has no design 7. Run the search first."
    run(replace(SETTINGS, trials=3), evaluate, folder=folder)
    with pytest.raises(SearchError) as error:
        read_record(folder, 7)
    assert str(error.value) == "design=7: the study resnet18 has no design 7. Use design=0 to 2."


SETTINGS_ERRORS = [
    ({"seed": -1}, "seed: seed is -1; must be at least 0. Use seed=0."),
    ({"trials": 0}, "trials: trials is 0; must be at least 1. Use trials=1."),
    ({"population": 1}, "population: population is 1; must be at least 2. Use population=2."),
    ({"population": 3}, "tournament: tournament is 4; must be at most the population, 3. Use tournament=3."),
    ({"max_dsp": 0}, "max_dsp: max_dsp is 0; must be at least 1. Use max_dsp=1."),
    (
        {"sampler": "randm"},
        "sampler: sampler is randm; must be one of ageing_evolution, random. Did you mean random?",
    ),
    (
        {"study": "../x"},
        "study: study is '../x'; must be 1 to 80 letters, digits, dots, dashes or underscores, the first a letter or "
        "digit. Use a name such as study=resnet18.",
    ),
]


@pytest.mark.parametrize(("changes", "text"), SETTINGS_ERRORS)
def test_settings_are_checked(changes: dict, text: str) -> None:
    with pytest.raises(SearchError) as error:
        replace(SETTINGS, **changes)
    assert str(error.value) == text


def test_reading_studies_does_not_load_optuna() -> None:
    program = "import sys, aigchip.search; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"optuna", "numpy", "yaml"} & set(modules)

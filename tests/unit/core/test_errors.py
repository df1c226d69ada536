"""Errors are one line, survive pickling, and name the nearest valid word."""

import pickle

import pytest

from aigchip.core.errors import AigchipError, InputError, nearest, unknown


class Located(AigchipError):
    def __init__(self, line, *, remedy):
        super().__init__(f"file:{line}", "it is wrong", remedy, code="located")
        self.line = line


def test_the_text_is_one_line():
    error = AigchipError("gemm.cpp:3", "II is 1;\n must be 3.", "Use 3.")
    assert str(error) == "gemm.cpp:3: II is 1; must be 3. Use 3."


@pytest.mark.parametrize("error", [InputError("a", "b", "c", code="d"), Located(3, remedy="Do it.")])
def test_an_error_comes_back_whole_from_a_worker(error):
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert (str(back), back.code, vars(back)) == (str(error), error.code, vars(error))


def test_nearest():
    assert nearest("desgin", ["board", "design", "trials"]) == "design"
    assert nearest("ZCU-104", ["zcu104", "kv260"]) == "zcu104"
    assert nearest("qqqq", ["board", "design"]) is None


def test_unknown_names_the_nearest():
    error = unknown("desgin=42", "argument", "desgin", ["design", "board"])
    assert str(error) == "desgin=42: 'desgin' is not an argument. Did you mean design?"


def test_unknown_lists_a_short_set():
    error = unknown("board=x", "board", "x", ["zcu104", "kv260"])
    assert str(error) == "board=x: 'x' is not a board. Choose one of kv260, zcu104."

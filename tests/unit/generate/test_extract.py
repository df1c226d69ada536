"""Finding code in a reply."""

from __future__ import annotations

import pytest

from aigchip.generate.errors import UnusableReplyError
from aigchip.generate.extract import LONGEST_CODE, code_of, function_name

CODE = '#include "ap_int.h"\nvoid f(int x) {\n}\n'
FOUND = {
    "a block": f"Here it is:\n```cpp\n{CODE}```\nEnjoy.",
    "no language": f"```\n{CODE}```",
    "C++ in capitals and windows line ends": f"```C++\n{CODE}```".replace("\n", "\r\n"),
    "tildes": f"~~~cpp\n{CODE}~~~",
    "more backticks": f"````cpp\n{CODE}````",
    "indented fence": f"1. Code:\n   ```cpp\n{CODE}   ```",
    "the fence is not closed": f"```cpp\n{CODE}",
    "no fence, but a source file": CODE,
    "another language first": f"```python\nf(1)\n```\n```cpp\n{CODE}```",
    "a block without the function": f"```cpp\nint g();\n```\n```cpp\n{CODE}```\n```cpp\nint main() {{}}\n```",
    "a correction further down": f"```cpp\nvoid f() {{}}\n```\nNo, rather:\n```cpp\n{CODE}```",
    "thoughts": f"<think>```cpp\nvoid f();\n```</think>\n```cpp\n{CODE}```",
}


@pytest.mark.parametrize("name", FOUND)
def test_code_is_found(name):
    assert code_of(FOUND[name], function="f", where="m") == CODE


LOST = {
    "prose": ("I would rather not.", "no-code", "m: the reply holds no block of C++ code."),
    "another language": ("```python\ndef f(): ...\n```", "no-code", "m: the reply holds no block of C++ code."),
    "another function": ("```cpp\nvoid g();\n```", "no-function", "m: no block of the reply defines the function f."),
    "only a longer name": (
        "```cpp\nvoid xf();\n```",
        "no-function",
        "m: no block of the reply defines the function f.",
    ),
    "too long": (
        f"```cpp\nvoid f();\n{'/' * LONGEST_CODE}\n```",
        "too-long",
        f"m: the code is {LONGEST_CODE + 11} characters long; must be at most {LONGEST_CODE}.",
    ),
}


@pytest.mark.parametrize("name", LOST)
def test_no_code_is_an_error_that_keeps_the_reply(name):
    reply, code, line = LOST[name]
    with pytest.raises(UnusableReplyError) as caught:
        code_of(reply, function="f", where="m")
    assert str(caught.value) == f"{line} Use another model, or generator=expert."
    assert (caught.value.code, caught.value.reply) == (code, reply)


def test_the_function_of_a_signature():
    assert function_name("ap_uint<32> mac(ap_uint<32> acc)") == "mac"

"""Which kept functions may take longer: those that no next iteration and no state machine waits for."""

import pytest

from csynth.frontend import compile_source
from csynth.schedule.patience import patient_functions

SOURCE = """#include "ap_int.h"
#include "hls_stream.h"
static int f(int x, int y) {{
#pragma HLS inline off
#pragma HLS pipeline II=1
  return x * y;
}}
static int g(int x, int y) {{
#pragma HLS inline off
#pragma HLS pipeline II=1
  return f(x, y) + 1;
}}
void top(hls::stream<int>& in, hls::stream<int>& out, int n) {{
  static int table[16];
  int sum = 0, i = 0, more = 1;
  {body}
  out.write(sum + table[n & 15]);
}}
"""
LOOP = "for (i = 0; i < n; i++) {\n#pragma HLS pipeline II=1\n"
CASES = {
    "in a pipeline": (LOOP + "out.write(f(in.read(), i)); }", {"f"}),
    "in a function that is called in a pipeline": (LOOP + "out.write(g(in.read(), i)); }", {"f", "g"}),
    "in a recurrence": (LOOP + "sum = f(sum, in.read()); }", set()),
    "one call in a recurrence, one not": (LOOP + "sum += f(in.read(), 3); sum = f(sum, i); }", set()),
    "what is added up": (LOOP + "sum += f(in.read(), 3); }", {"f"}),
    "through a memory": (LOOP + "table[i & 15] = f(table[(i * 5) & 15], in.read()); }", set()),
    "into a memory": (LOOP + "table[i & 15] = f(i, in.read()); }", {"f"}),
    "the exit waits": (
        "do {\n#pragma HLS pipeline II=1\nmore = f(in.read(), 3); out.write(more); } while (more);",
        set(),
    ),
    "in a state machine": ("out.write(f(in.read(), n));", set()),
    "in a function that a recurrence waits for": (LOOP + "sum = g(sum, in.read()); }", set()),
    "both in a pipeline, one also in a state machine": (
        LOOP + "out.write(g(in.read(), i)); } out.write(f(n, n));",
        {"g"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_patient_functions(name):
    body, patient = CASES[name]
    program = compile_source(("source.cpp", SOURCE.format(body=body)), top="top")
    assert patient_functions(program) == patient

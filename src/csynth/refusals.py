"""The codes of what csynth refuses in a source: stable names, what each is about, and Vitis HLS' message for the same fault.

A message of Vitis HLS is named where it was seen in a log of that tool; its 207-* messages are left out, since their numbers
change from release to release.
"""

from __future__ import annotations

from typing import NamedTuple


class Refusal(NamedTuple):
    """What a code is about, and the identifiers of Vitis HLS (or Vivado HLS: SYNCHK) for the same fault."""

    about: str
    vitis: tuple[str, ...] = ()


REFUSALS: dict[str, Refusal] = {
    # C++
    "cpp": Refusal("not valid C++; the text is clang's"),
    "include": Refusal("a type of one of csynth's headers is used without its #include"),
    "missing_file": Refusal("an included file is in no include folder"),
    "system_header": Refusal("a header of the standard library that hardware has not", ("HLS 214-195",)),
    "limit": Refusal("clang ran out of time or memory"),
    "template_depth": Refusal("a template or constant expression without an end in reach"),
    "top": Refusal("no single function of that name"),
    "top_body": Refusal("the top function has no body"),
    # what hardware has not
    "heap": Refusal("memory allocated at run time"),
    "recursion": Refusal("a function that calls itself"),
    "indirect_call": Refusal("a call through a pointer, or of a virtual function"),
    "no_body": Refusal("a call of a function without a body: of the system, or of another file", ("HLS 214-194", "SYNCHK 200-71")),
    "variadic": Refusal("a function of any number of arguments"),
    "thread_local": Refusal("a variable of a thread"),
    "inline_assembly": Refusal("inline assembly"),
    "exceptions": Refusal("throw, try and catch"),
    "run_time_types": Refusal("typeid and dynamic_cast"),
    "floating_point": Refusal("arithmetic of float and double"),
    "dynamic_init": Refusal("a constructor or destructor of a static object that runs code"),
    "variable_array": Refusal("an array of a size that is known only at run time", ("SYNCHK 200-61",)),
    "array_size": Refusal("an array that no device has memory for"),
    "construct": Refusal("an instruction that has no hardware, such as an atomic one"),
    "call": Refusal("an intrinsic function of clang"),
    "type": Refusal("a value of a type that has no hardware"),
    "return_type": Refusal("a result of a type that has no hardware"),
    "constant": Refusal("a constant that is not a number"),
    "terminator": Refusal("control flow that has no hardware"),
    "endless": Refusal("a pipelined loop without an end"),
    # pointers and arrays
    "memory": Refusal("an access behind a pointer whose array is not known", ("SYNCHK 200-43",)),
    "pointer": Refusal("a pointer to something that is no array"),
    "pointer_compare": Refusal("pointers into different arrays are compared"),
    "pointer_load": Refusal("a pointer is read from memory", ("SYNCHK 200-43",)),
    "pointer_phi": Refusal("a pointer that comes from several places"),
    "pointer_select": Refusal("a pointer that is chosen at run time", ("SYNCHK 200-43",)),
    "pointer_store": Refusal("a pointer is kept in memory", ("SYNCHK 200-43",)),
    "pointer_value": Refusal("a pointer is used as a number"),
    "reinterpret": Refusal("an array is read as elements of another type", ("SYNCHK 200-41",)),
    "block_copy": Refusal("memcpy, memmove or memset of an unknown size or type"),
    "alias": Refusal("one array is given for two parameters of a function that stays a module"),
    "inout": Refusal("a scalar parameter is read and written through a reference"),
    # functions
    "static_state": Refusal("a function with static variables that stays a module has several instances"),
    "kept_parameter": Refusal("a parameter that a function which stays a module cannot have"),
    "call_in_pipeline": Refusal("a pipeline calls a function that cannot take part in it"),
    "function_pipeline": Refusal("a pipelined function whose body is not straight"),
    "inner_loop": Refusal("a pipelined loop has a loop that cannot be unrolled"),
    "allocation": Refusal("a limit of instances that cannot be kept"),
    "allocation_shared": Refusal("fewer instances than calls that must run at once"),
    # pragmas
    "pragma": Refusal("a pragma that is not known, or refused ([table](#pragmas))"),
    "pragma_option": Refusal("an option of a pragma that is not known"),
    "pragma_value": Refusal("a value out of range"),
    "pragma_place": Refusal("a pragma where it means nothing"),
    "bind_op": Refusal("an operator that cannot be bound so"),
    "bind_op_place": Refusal("bind_op on a variable without that operator"),
    "bind_storage": Refusal("a memory that cannot be built so"),
    "partition": Refusal("a partition that the array does not allow"),
    "storage": Refusal("UltraRAM on a part that has none"),
    # interfaces
    "interface": Refusal("a protocol that the argument cannot have"),
    "mode": Refusal("a protocol that is not known"),
    "offset": Refusal("an offset of m_axi that is not known"),
    "storage_type": Refusal("a memory port that is not known"),
    "registers": Refusal("registers of s_axilite that do not fit"),
    "bundle_width": Refusal("elements of two widths in one bundle of m_axi"),
    "bus_width": Refusal("a word wider than the bus"),
    "burst_object": Refusal("an hls::burst_maxi that is not a parameter"),
    "stream_direction": Refusal("a stream that is read and written"),
    "stream_index": Refusal("a stream of an array that is chosen at run time"),
    "stream_object": Refusal("a stream that is not a variable or a parameter"),
    "unused_stream": Refusal("a stream of the top that nobody uses"),
    "struct_padding": Refusal("a struct whose layout in C has padding, at an AXI port"),
    # dataflow
    "dataflow-argument": Refusal("a process is given what no process may have"),
    "dataflow-code": Refusal("code between the processes"),
    "dataflow-condition": Refusal("a process that is called under a condition"),
    "dataflow-consumers": Refusal("a channel with several consumers"),
    "dataflow-deadlock": Refusal("a deadlock that is proven"),
    "dataflow-direction": Refusal("a channel that is used in both directions"),
    "dataflow-empty": Refusal("a region without processes"),
    "dataflow-end": Refusal("a channel with one end"),
    "dataflow-feedback": Refusal("a channel that leads backwards"),
    "dataflow-index": Refusal("a stream of an array that is chosen at run time"),
    "dataflow-loop": Refusal("a loop that is no loop of processes"),
    "dataflow-loop-shared": Refusal("iterations share an array or a variable"),
    "dataflow-loop-value": Refusal("a value goes from iteration to iteration"),
    "dataflow-object": Refusal("an object that is no channel"),
    "dataflow-output": Refusal("an output of the region that no process writes alone"),
    "dataflow-part": Refusal("a part of an array is given to a process"),
    "dataflow-partition": Refusal("the partitions of a channel's ends differ"),
    "dataflow-producers": Refusal("a channel with several producers"),
    "dataflow-reshape": Refusal("a channel that is reshaped"),
    "dataflow-return": Refusal("a process that returns a value"),
    "dataflow-shape": Refusal("the shapes of a channel's ends differ"),
    "dataflow-users": Refusal("a channel without exactly two processes"),
    "stream-array": Refusal("an array that cannot be a FIFO"),
    "stream-depth": Refusal("a depth that cannot be"),
    "stream-type": Refusal("a kind of channel that cannot be"),
    # the command
    "source": Refusal("the source is not a readable file"),
    "clock": Refusal("a clock period that cannot be"),
    "part": Refusal("a part that is not known"),
}  # fmt: skip


def tag(code: str) -> str:
    """Return what stands behind an error for whoever looks it up: its code, and Vitis HLS' identifiers."""
    known = REFUSALS.get(code)
    return f"[{', '.join([code, *known.vitis])}]" if known else f"[{code}]"

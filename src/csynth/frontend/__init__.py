"""From HLS C++ to the IR: headers, pragmas, the confined compiler, and the reading of its output."""

from csynth.frontend.compile import INCLUDE_DIR, compile_source

__all__ = ["INCLUDE_DIR", "compile_source"]

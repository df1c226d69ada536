"""From HLS C++ to the IR: headers, pragmas, the confined compiler, and the reading of its output."""

"""Which port holds a module up, read from csynth's RTL."""

from aigchip.toolchain.fastsim.waits import waits

MODULE = """\
module post (
  assign in_while_body_fire = in_while_body && !(!commands_TVALID);
  assign in_end_fire = in_end && !(!load_commands_space || !post_commands_space);
  assign loop_16_stall_0 = loop_16_run && (!sums_TVALID || (cycle_3 && !outputs_space) || loop_16_valid[1]);
  assign loop_16_stall_4 = loop_16_valid[4] && ((is_last && (a || b) && !outputs_space));
  assign loop_16_go_0 = loop_16_go_4 && !loop_16_stall_0;
endmodule
"""


def test_each_port_has_the_conditions_of_its_accesses():
    assert waits(MODULE, "k.post") == {
        "commands": "(k.post.in_while_body && !k.post.commands_TVALID)",
        "load_commands": "(k.post.in_end && !k.post.load_commands_space)",
        "post_commands": "(k.post.in_end && !k.post.post_commands_space)",
        "sums": "(k.post.loop_16_run && !k.post.sums_TVALID)",
        "outputs": "(k.post.loop_16_run && (k.post.cycle_3 && !k.post.outputs_space)) || "
        "(k.post.loop_16_valid[4] && k.post.is_last && (k.post.a || k.post.b) && !k.post.outputs_space)",
    }


def test_constants_stay_numbers_and_escaped_names_work():
    text = "  assign x_fire = x && !((n == 4'hf && !r_TVALID));\n"
    assert waits(text, "s.\\interconnect ") == {
        "r": "(s.\\interconnect .x && s.\\interconnect .n == 4'hf && !s.\\interconnect .r_TVALID)"
    }

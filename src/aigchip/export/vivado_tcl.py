"""The RTL with a Vivado project script: part, clock constraint, synthesis out of context, reports read back."""

from __future__ import annotations

from aigchip.export import common, driver, filelist, registers
from aigchip.export.description import Description, Files


def files(description: Description) -> Files:
    """Return project.tcl, the constraint and the RTL."""
    return {
        **common.told(description, registers.made_with(description)),
        **common.rtl(description),
        "project.tcl": text(description),
        "clock.xdc": constraint(description),
        **registers.files(description),
        **driver.files(description),
    }


def constraint(description: Description) -> str:
    """Return the clock constraint."""
    head = common.header(description, "The clock for which the design was synthesised", "#")
    return f"{head}create_clock -name ap_clk -period {description.clock_period_ns} [get_ports ap_clk]\n"


def text(description: Description) -> str:
    """Return the script for vivado -mode batch -source project.tcl."""
    listed = [line for line in filelist.text(description).splitlines() if line.startswith("rtl/")]
    head = common.header(description, "A Vivado project: synthesis of the accelerator out of context", "#")
    names = "\n".join(f"  {name}" for name in listed)
    return f"""{head}# Its ports outnumber the pins of a device, so it is synthesised out of context; a block design takes it into a system.
cd [file dirname [file normalize [info script]]]
set sources {{
{names}
}}
foreach source $sources {{
  if {{![file isfile $source]}} {{ error "$source is missing; export the design again" }}
}}
create_project -force {description.identifier} vivado -part {description.part}
add_files -norecurse -fileset sources_1 $sources
set_property file_type Verilog [get_files -of_objects [get_filesets sources_1]]
add_files -norecurse -fileset constrs_1 clock.xdc
set_property used_in {{synthesis implementation out_of_context}} [get_files clock.xdc]
set_property top {description.shell} [get_filesets sources_1]
update_compile_order -fileset sources_1
set_property -name {{STEPS.SYNTH_DESIGN.ARGS.MORE OPTIONS}} -value {{-mode out_of_context}} -objects [get_runs synth_1]
launch_runs synth_1 -jobs 2
wait_on_run synth_1
if {{[get_property PROGRESS [get_runs synth_1]] ne "100%"}} {{
  error "synthesis did not end: [get_property STATUS [get_runs synth_1]]"
}}
open_run synth_1 -name synth_1
report_utilization -hierarchical -file utilization.rpt
report_timing_summary -file timing.rpt
puts "aigchip: synthesis of {description.identifier} has ended; see utilization.rpt and timing.rpt"
"""

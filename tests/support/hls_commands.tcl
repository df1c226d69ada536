# STAND-IN commands of Vitis HLS. They check command, options, order and names, and write down what was asked for in .stand-in-calls:
# the program around them writes the artefacts. ::standin_components says whether the version knows open_component.

proc open_project {args} {
  set found [standin::arguments open_project $args {-reset 0 -upgrade 0} 1 1]
  standin::know project [lindex [dict get $found ""] 0]
}

if {$::standin_components} {
  proc open_component {args} {
    set found [standin::arguments open_component $args {-reset 0 -flow_target 1} 1 1]
    set name [lindex [dict get $found ""] 0]
    standin::know project $name
    standin::know solution [file join $name hls]
  }
}

proc open_solution {args} {
  set found [standin::arguments open_solution $args {-reset 0 -flow_target 1} 1 1]
  set project [standin::need project open_solution]
  if {[dict exists $found -flow_target] && [dict get $found -flow_target] ni {vivado vitis}} { error "STAND-IN: open_solution: unknown flow" }
  standin::know solution [file join $project [lindex [dict get $found ""] 0]]
}

proc set_top {args} {
  standin::need project set_top
  standin::know top [lindex [dict get [standin::arguments set_top $args {} 1 1] ""] 0]
}

proc add_files {args} {
  set found [standin::arguments add_files $args {-tb 0 -cflags 1 -csimflags 1} 1 1]
  standin::need project add_files
  set name [lindex [dict get $found ""] 0]
  if {![file exists $name]} { error "STAND-IN: add_files: $name is not there" }
  standin::add [expr {[dict exists $found -tb] ? "testbench" : "sources"}] $name
}

proc set_part {args} {
  set found [standin::arguments set_part $args {} 1 1]
  standin::need solution set_part
  set part [lindex [dict get $found ""] 0]
  if {![regexp {^xc[a-z0-9]+-[a-z]+[0-9]+-[0-9][A-Za-z]*-[a-z]$|^xc7z[0-9]+[a-z]+[0-9]+-[0-9]$} $part]} {
    error "STAND-IN: ERROR: \[HLS 200-1023\] Part '$part' is not installed."
  }
  standin::know part $part
}

proc create_clock {args} {
  set found [standin::arguments create_clock $args {-period 1 -name 1 -uncertainty 1} 0 0]
  standin::need solution create_clock
  standin::know period [dict get $found -period]
}

proc standin::stage {stage args} {
  foreach fact {solution top sources part period} { standin::need $fact $stage }
  standin::add stages $stage
}

proc csim_design {args} {
  standin::arguments csim_design $args {-clean 0 -O 0 -argv 1 -ldflags 1} 0 0
  standin::need testbench csim_design
  standin::stage csim
}

proc csynth_design {args} {
  standin::arguments csynth_design $args {-dump_post_cfg 0} 0 0
  standin::stage csynth
}

proc cosim_design {args} {
  standin::arguments cosim_design $args {-rtl 1 -trace_level 1 -tool 1 -argv 1} 0 0
  standin::need testbench cosim_design
  if {"csynth" ni [standin::get stages]} { error "STAND-IN: cosim_design before csynth_design" }
  standin::stage cosim
}

proc export_design {args} {
  set found [standin::arguments export_design $args {-rtl 1 -format 1 -output 1 -flow 1} 0 0]
  if {[dict get $found -format] ni {ip_catalog xo syn_dcp}} { error "STAND-IN: export_design: unknown format" }
  if {"csynth" ni [standin::get stages]} { error "STAND-IN: export_design before csynth_design" }
  standin::stage export
}

proc standin::finish {} {
  set lines ""
  foreach fact {solution top part period sources testbench stages} { append lines "$fact=[join [standin::get $fact] ,]\n" }
  standin::write .stand-in-calls $lines
}

# STAND-IN commands of Vivado, as far as a bitstream needs them. They check command, options, order and the names of objects (cells,
# pins, interfaces, properties) and fail on anything unknown; at the end they check that nothing is left open. No tool of the vendor runs.

namespace eval bd {
  variable cells [dict create]
  variable driver [dict create]
  variable linked [dict create]
}

# ---- Projects and files.

proc create_project {args} {
  set found [standin::arguments create_project $args {-force 0 -part 1 -in_memory 0} 1 2]
  if {[standin::get project] ne ""} { error "STAND-IN: create_project: a project is open" }
  if {![dict exists $found -part]} { error "STAND-IN: create_project: -part is missing" }
  lassign [dict get $found ""] name folder
  if {![regexp {^xc[a-z0-9]+-[a-z]+[0-9]+-[0-9][A-Za-z]*-[a-z]$|^xc7z[0-9]+[a-z]+[0-9]+-[0-9]$} [dict get $found -part]]} {
    error "STAND-IN: create_project: part [dict get $found -part] is not found"
  }
  standin::know project $name
  standin::know folder $folder
  standin::know part [dict get $found -part]
  standin::know files {}
  standin::know tops {}
  file mkdir $folder
}

proc close_project {args} {
  standin::arguments close_project $args {} 0 0
  standin::need project close_project
  standin::know project ""
}

proc current_project {args} { standin::arguments current_project $args {} 0 0; need_project current_project; return "project:" }
proc current_fileset {args} { standin::arguments current_fileset $args {} 0 0; need_project current_fileset; return "fileset:sources_1" }

proc need_project {command} {
  if {[standin::get project] eq ""} { error "STAND-IN: $command: no project is open" }
}

proc add_files {args} {
  set found [standin::arguments add_files $args {-norecurse 0 -fileset 1} 1 1]
  need_project add_files
  foreach name [lindex [dict get $found ""] 0] {
    if {![file exists $name]} { error "STAND-IN: add_files: $name is not there" }
    if {[dict exists $found -fileset] && [dict get $found -fileset] ne "constrs_1"} { error "STAND-IN: add_files: unknown fileset" }
    standin::add files $name
    if {[file extension $name] eq ".v"} {
      set channel [open $name]
      foreach {- module} [regexp -all -inline -line {^\s*module\s+(\w+)} [read $channel]] { standin::add modules $module }
      close $channel
    }
  }
}

proc get_files {args} {
  set found [standin::arguments get_files $args {-norecurse 0} 1 1]
  need_project get_files
  set name [lindex [dict get $found ""] 0]
  foreach file [standin::get files] { if {[file tail $file] eq $name} { return $file } }
  error "STAND-IN: get_files: $name is not in the project"
}

proc update_compile_order {args} {
  set found [standin::arguments update_compile_order $args {-fileset 1} 0 0]
  need_project update_compile_order
}

proc update_ip_catalog {args} {
  standin::arguments update_ip_catalog $args {-rebuild 0} 0 0
  need_project update_ip_catalog
  if {![dict exists $::standin::facts repos]} { error "STAND-IN: update_ip_catalog: no repository is set" }
  foreach repo [standin::get repos] {
    if {![file exists [file join $repo component.xml]]} { error "STAND-IN: update_ip_catalog: $repo holds no IP" }
  }
  standin::know catalogue 1
}

proc get_board_parts {args} {
  set pattern [lindex [dict get [standin::arguments get_board_parts $args {-quiet 0} 1 1] ""] 0]
  set known [expr {[info exists ::standin_boards] ? $::standin_boards : {xilinx.com:zcu104:part0:1.1 tul.com.tw:pynq-z2:part0:1.0
    avnet.com:ultra96v2:part0:1.2 xilinx.com:kv260_som:part0:1.2 xilinx.com:kv260_som:part0:1.4}}]
  return [lsearch -all -inline -glob $known $pattern]
}

# ---- Properties.

proc get_property {args} {
  lassign [dict get [standin::arguments get_property $args {} 2 2] ""] name object
  if {[string match run:* $object] && $name in {STATUS PROGRESS}} {
    return [expr {$name eq "STATUS" ? "write_bitstream Complete!" : "100%"}]
  }
  error "STAND-IN: get_property: $object has no property $name"
}

proc set_property {args} {
  if {[lindex $args 0] eq "-dict"} {
    if {[llength $args] != 3} { error "STAND-IN: set_property -dict: wrong number of words" }
    lassign $args - pairs object
    if {[llength $pairs] % 2} { error "STAND-IN: set_property -dict: a value is missing" }
    foreach {name value} $pairs { set_one $name $value $object }
    return
  }
  if {[llength $args] != 3} { error "STAND-IN: set_property: wrong number of words" }
  lassign $args name value object
  set_one $name $value $object
}

proc set_one {name value object} {
  lassign [split $object :] kind which
  switch -- $kind {
    project {
      switch -- $name {
        board_part {
          if {[get_board_parts $value] ne $value} { error "STAND-IN: set_property: board_part $value is not found" }
          standin::know board_part $value
        }
        ip_repo_paths { standin::know repos $value }
        default { error "STAND-IN: set_property: a project has no property $name" }
      }
    }
    fileset {
      if {$name ne "top"} { error "STAND-IN: set_property: a fileset has no property $name" }
      if {$value ni [standin::get modules]} { error "STAND-IN: set_property: the top $value is in no file" }
      standin::know topmodule $value
    }
    core {
      if {$name ni {name version core_revision display_name ipi_drc}} { error "STAND-IN: set_property: a core has no property $name" }
      standin::know core_$name $value
    }
    block {
      if {$name ne "range" || ![string is integer -strict $value]} { error "STAND-IN: set_property: an address block has no property $name, or not $value" }
      standin::know range $value
    }
    register {
      if {$name ni {address_offset size description} || ![string is integer -strict $value]} { error "STAND-IN: set_property: a register has no property $name" }
      if {$name eq "address_offset" && $value >= [standin::get range]} { error "STAND-IN: set_property: the register $which lies outside the block" }
    }
    cell { bd::configure $which $name $value }
    default { error "STAND-IN: set_property: there is no object $object" }
  }
}

# ---- The IP packager.

namespace eval ipx {}

proc ipx::package_project {args} {
  set found [standin::arguments ipx::package_project $args {-root_dir 1 -vendor 1 -library 1 -taxonomy 1 -import_files 0 -set_current 1 -force 0} 0 0]
  need_project ipx::package_project
  standin::need topmodule ipx::package_project
  standin::know root [dict get $found -root_dir]
  standin::know vendor [dict get $found -vendor]
  standin::know library [dict get $found -library]
  standin::know core 1
  # interfaces are recognised by the names of the ports, as the packager does
  set top [standin::get topmodule]
  foreach file [standin::get files] {
    set channel [open $file]
    set text [read $channel]
    close $channel
    if {![regexp "module\\s+$top\\y" $text]} { continue }
    foreach {- bus} [regexp -all -inline {\y((?:s|m)_axi_\w+?)_AWADDR\y} $text] { standin::add buses $bus }
    foreach port {ap_clk ap_rst_n interrupt} {
      if {[regexp "\\y$port\\y" $text]} { standin::add ports $port }
    }
  }
}

proc ipx::need_core {command} { standin::need core $command }
proc ipx::check_core {command object} { if {$object ne "core:"} { error "STAND-IN: $command: $object is no core" } }

proc ipx::current_core {args} { ipx::need_core ipx::current_core; return "core:" }

proc ipx::infer_bus_interface {args} {
  lassign [dict get [standin::arguments ipx::infer_bus_interface $args {} 3 3] ""] port kind core
  ipx::check_core ipx::infer_bus_interface $core
  if {$port ni [standin::get ports]} { error "STAND-IN: ipx::infer_bus_interface: there is no port $port" }
  if {$kind ni {xilinx.com:signal:clock_rtl:1.0 xilinx.com:signal:reset_rtl:1.0 xilinx.com:signal:interrupt_rtl:1.0}} {
    error "STAND-IN: ipx::infer_bus_interface: there is no interface $kind"
  }
  standin::add signals $port
}

proc ipx::get_bus_interfaces {args} {
  set found [standin::arguments ipx::get_bus_interfaces $args {-of_objects 1 -quiet 0} 1 1]
  ipx::check_core ipx::get_bus_interfaces [dict get $found -of_objects]
  set name [lindex [dict get $found ""] 0]
  return [expr {$name in [standin::get buses] ? "bus:$name" : ""}]
}

proc ipx::associate_bus_interfaces {args} {
  set found [standin::arguments ipx::associate_bus_interfaces $args {-busif 1 -clock 1 -reset 1} 1 1]
  ipx::check_core ipx::associate_bus_interfaces [lindex [dict get $found ""] 0]
  if {[dict get $found -clock] ni [standin::get signals]} { error "STAND-IN: ipx::associate_bus_interfaces: there is no clock [dict get $found -clock]" }
  if {[dict exists $found -busif] && [dict get $found -busif] ni [standin::get buses]} {
    error "STAND-IN: ipx::associate_bus_interfaces: there is no interface [dict get $found -busif]"
  }
  if {[dict exists $found -reset] && [dict get $found -reset] ni [standin::get signals]} { error "STAND-IN: ipx::associate_bus_interfaces: there is no reset" }
  if {[dict exists $found -busif]} { standin::add clocked [dict get $found -busif] }
}

proc ipx::get_memory_maps {args} {
  set found [standin::arguments ipx::get_memory_maps $args {-of_objects 1} 1 1]
  ipx::check_core ipx::get_memory_maps [dict get $found -of_objects]
  set name [lindex [dict get $found ""] 0]
  if {$name ni [standin::get buses] || ![string match s_* $name]} { error "STAND-IN: ipx::get_memory_maps: there is no memory map $name" }
  return "map:$name"
}

proc ipx::get_address_blocks {args} {
  set found [standin::arguments ipx::get_address_blocks $args {-of_objects 1} 1 1]
  if {![string match map:* [dict get $found -of_objects]]} { error "STAND-IN: ipx::get_address_blocks: no memory map" }
  if {[lindex [dict get $found ""] 0] ne "reg0"} { error "STAND-IN: ipx::get_address_blocks: there is no block [dict get $found {}]" }
  return "block:reg0"
}

proc ipx::add_register {args} {
  lassign [dict get [standin::arguments ipx::add_register $args {} 2 2] ""] name block
  if {$block ne "block:reg0"} { error "STAND-IN: ipx::add_register: no address block" }
  if {$name in [standin::get registers]} { error "STAND-IN: ipx::add_register: $name is there already" }
  standin::add registers $name
}

proc ipx::get_registers {args} {
  set found [standin::arguments ipx::get_registers $args {-of_objects 1} 1 1]
  set name [lindex [dict get $found ""] 0]
  if {$name ni [standin::get registers]} { error "STAND-IN: ipx::get_registers: there is no register $name" }
  return "register:$name"
}

foreach name {create_xgui_files update_checksums check_integrity} {
  proc ipx::$name {core} [string map [list NAME $name] {ipx::check_core ipx::NAME $core}]
}

proc ipx::save_core {core} {
  ipx::check_core ipx::save_core $core
  foreach bus [standin::get buses] {
    if {$bus ni [standin::get clocked]} { error "STAND-IN: ipx::save_core: the interface $bus has no clock" }
  }
  standin::write [file join [standin::get root] component.xml] "<!-- stand-in -->\n"
  standin::know vlnv [standin::get vendor]:[standin::get library]:[standin::get core_name]:[standin::get core_version]
}

# ---- Block designs: cells of known kinds, with the pins and interfaces that they have.

proc create_bd_design {args} {
  need_project create_bd_design
  standin::know design [lindex [dict get [standin::arguments create_bd_design $args {} 1 1] ""] 0]
  set path [file join [standin::get folder] [standin::get project].srcs sources_1 bd [standin::get design] [standin::get design].bd]
  standin::write $path "stand-in\n"
  standin::add files $path
}

proc create_bd_cell {args} {
  set found [standin::arguments create_bd_cell $args {-type 1 -vlnv 1} 1 1]
  standin::need design create_bd_cell
  set name [lindex [dict get $found ""] 0]
  if {[dict get $found -type] ne "ip"} { error "STAND-IN: create_bd_cell: unknown type" }
  if {[dict exists $bd::cells $name]} { error "STAND-IN: create_bd_cell: $name is there already" }
  set vlnv [dict get $found -vlnv]
  switch -glob -- $vlnv {
    xilinx.com:ip:zynq_ultra_ps_e* { set kind zynqmp }
    xilinx.com:ip:processing_system7* { set kind zynq }
    xilinx.com:ip:smartconnect* { set kind smartconnect }
    xilinx.com:ip:proc_sys_reset* { set kind reset }
    default {
      standin::need catalogue create_bd_cell
      if {$vlnv ne [standin::get vlnv]} { error "STAND-IN: create_bd_cell: no IP matches $vlnv" }
      set kind accelerator
    }
  }
  dict set bd::cells $name [dict create kind $kind]
  if {$kind eq "zynqmp"} { dict set bd::cells $name CONFIG.PSU__USE__M_AXI_GP0 1; dict set bd::cells $name CONFIG.PSU__USE__M_AXI_GP2 1 }
  return "cell:$name"
}

proc bd::value {cell name} {
  return [expr {[dict exists $bd::cells $cell $name] ? [dict get $bd::cells $cell $name] : 0}]
}

proc bd::configure {cell name value} {
  set allowed {
    zynqmp {^CONFIG\.PSU__(USE__M_AXI_GP[012]|USE__S_AXI_GP[0-6]|SAXIGP[0-6]__DATA_WIDTH|FPGA_PL[0-3]_ENABLE|CRL_APB__PL[0-3]_REF_CTRL__FREQMHZ)$}
    zynq {^CONFIG\.PCW_(USE_M_AXI_GP[01]|USE_S_AXI_HP[0-3]|S_AXI_HP[0-3]_DATA_WIDTH|FPGA0_PERIPHERAL_FREQMHZ)$}
    smartconnect {^CONFIG\.NUM_(SI|MI|CLKS)$}
  }
  set kind [dict get $bd::cells $cell kind]
  if {![dict exists $allowed $kind] || ![regexp [dict get $allowed $kind] $name]} { error "STAND-IN: set_property: $cell has no property $name" }
  if {![string is double -strict $value]} { error "STAND-IN: set_property: $name is '$value'; must be a number" }
  if {[string match *DATA_WIDTH $name] && $value ni [expr {$kind eq "zynq" ? {32 64} : {32 64 128}}]} { error "STAND-IN: set_property: $name cannot be $value" }
  dict set bd::cells $cell $name $value
}

proc apply_bd_automation {args} {
  set found [standin::arguments apply_bd_automation $args {-rule 1 -config 1} 1 1]
  set cell [string range [lindex [dict get $found ""] 0] 5 end]
  if {![dict exists $bd::cells $cell]} { error "STAND-IN: apply_bd_automation: no cell" }
  set rules {zynqmp xilinx.com:bd_rule:zynq_ultra_ps_e zynq xilinx.com:bd_rule:processing_system7}
  set kind [dict get $bd::cells $cell kind]
  if {![dict exists $rules $kind] || [dict get $rules $kind] ne [dict get $found -rule]} { error "STAND-IN: apply_bd_automation: the rule does not fit $cell" }
  if {![dict exists [dict get $found -config] apply_board_preset]} { error "STAND-IN: apply_bd_automation: apply_board_preset is missing" }
  if {[dict get [dict get $found -config] apply_board_preset] && [standin::get board_part] eq ""} { error "STAND-IN: apply_bd_automation: there is no board" }
  dict set bd::cells $cell preset 1
}

# Pins: name to direction. A port of the processing system is there only while it is enabled.
proc bd::pins {cell} {
  set pins {}
  switch -- [dict get $bd::cells $cell kind] {
    zynqmp {
      foreach {gp clock} {0 maxihpm0_fpd_aclk 1 maxihpm1_fpd_aclk 2 maxihpm0_lpd_aclk} {
        if {[bd::value $cell CONFIG.PSU__USE__M_AXI_GP$gp]} { lappend pins $clock in }
      }
      for {set hp 0} {$hp < 4} {incr hp} {
        if {[bd::value $cell CONFIG.PSU__USE__S_AXI_GP[expr {$hp + 2}]]} { lappend pins saxihp${hp}_fpd_aclk in }
      }
      if {[bd::value $cell CONFIG.PSU__FPGA_PL0_ENABLE]} { lappend pins pl_clk0 out pl_resetn0 out }
    }
    zynq {
      lappend pins FCLK_CLK0 out FCLK_RESET0_N out
      if {[bd::value $cell CONFIG.PCW_USE_M_AXI_GP0]} { lappend pins M_AXI_GP0_ACLK in }
      for {set hp 0} {$hp < 4} {incr hp} {
        if {[bd::value $cell CONFIG.PCW_USE_S_AXI_HP$hp]} { lappend pins S_AXI_HP${hp}_ACLK in }
      }
    }
    smartconnect { lappend pins aclk in aresetn in }
    reset { lappend pins slowest_sync_clk in ext_reset_in in peripheral_aresetn out interconnect_aresetn out }
    accelerator { foreach {port way} {ap_clk in ap_rst_n in interrupt out} { if {$port in [standin::get ports]} { lappend pins $port $way } } }
  }
  return $pins
}

proc bd::interfaces {cell} {
  set found {}
  switch -- [dict get $bd::cells $cell kind] {
    zynqmp {
      foreach {gp name} {0 M_AXI_HPM0_FPD 1 M_AXI_HPM1_FPD 2 M_AXI_HPM0_LPD} {
        if {[bd::value $cell CONFIG.PSU__USE__M_AXI_GP$gp]} { lappend found $name master }
      }
      for {set hp 0} {$hp < 4} {incr hp} {
        if {[bd::value $cell CONFIG.PSU__USE__S_AXI_GP[expr {$hp + 2}]]} { lappend found S_AXI_HP${hp}_FPD slave }
      }
    }
    zynq {
      if {[bd::value $cell CONFIG.PCW_USE_M_AXI_GP0]} { lappend found M_AXI_GP0 master }
      for {set hp 0} {$hp < 4} {incr hp} { if {[bd::value $cell CONFIG.PCW_USE_S_AXI_HP$hp]} { lappend found S_AXI_HP$hp slave } }
    }
    smartconnect {
      for {set i 0} {$i < [bd::value $cell CONFIG.NUM_SI]} {incr i} { lappend found [format S%02d_AXI $i] slave }
      for {set i 0} {$i < [bd::value $cell CONFIG.NUM_MI]} {incr i} { lappend found [format M%02d_AXI $i] master }
    }
    accelerator { foreach bus [standin::get buses] { lappend found $bus [expr {[string match m_* $bus] ? "master" : "slave"}] } }
  }
  return $found
}

proc bd::find {command path list} {
  lassign [split $path /] cell pin
  if {![dict exists $bd::cells $cell]} { error "STAND-IN: $command: there is no cell $cell" }
  set all [$list $cell]
  if {![dict exists $all $pin]} { error "STAND-IN: $command: $cell has no $pin" }
  return [dict get $all $pin]
}

proc get_bd_pins {args} {
  set path [lindex [dict get [standin::arguments get_bd_pins $args {} 1 1] ""] 0]
  bd::find get_bd_pins $path bd::pins
  return "pin:$path"
}

proc get_bd_intf_pins {args} {
  set path [lindex [dict get [standin::arguments get_bd_intf_pins $args {} 1 1] ""] 0]
  bd::find get_bd_intf_pins $path bd::interfaces
  return "interface:$path"
}

proc connect_bd_net {args} {
  set ends [dict get [standin::arguments connect_bd_net $args {} 2 2] ""]
  foreach end $ends { if {![string match pin:* $end]} { error "STAND-IN: connect_bd_net: $end is no pin" } }
  lassign [lmap end $ends { string range $end 4 end }] from to
  if {[bd::find connect_bd_net $from bd::pins] ne "out" || [bd::find connect_bd_net $to bd::pins] ne "in"} {
    error "STAND-IN: connect_bd_net: $from must drive and $to must be driven"
  }
  if {[dict exists $bd::driver $to]} { error "STAND-IN: connect_bd_net: $to is driven already" }
  dict set bd::driver $to $from
}

proc connect_bd_intf_net {args} {
  set ends [dict get [standin::arguments connect_bd_intf_net $args {} 2 2] ""]
  foreach end $ends { if {![string match interface:* $end]} { error "STAND-IN: connect_bd_intf_net: $end is no interface" } }
  lassign [lmap end $ends { string range $end 10 end }] from to
  if {[bd::find connect_bd_intf_net $from bd::interfaces] ne "master" || [bd::find connect_bd_intf_net $to bd::interfaces] ne "slave"} {
    error "STAND-IN: connect_bd_intf_net: $from must be a master and $to a slave"
  }
  foreach end [list $from $to] {
    if {[dict exists $bd::linked $end]} { error "STAND-IN: connect_bd_intf_net: $end is connected already" }
    dict set bd::linked $end 1
  }
}

proc assign_bd_address {args} {
  standin::arguments assign_bd_address $args {} 0 0
  standin::need design assign_bd_address
  standin::know addressed 1
}

proc validate_bd_design {args} {
  standin::arguments validate_bd_design $args {-force 0} 0 0
  standin::need addressed validate_bd_design
  dict for {cell -} $bd::cells {
    if {[dict get $bd::cells $cell kind] in {zynqmp zynq} && ![dict exists $bd::cells $cell preset]} { error "STAND-IN: validate_bd_design: $cell has no preset" }
    foreach {pin way} [bd::pins $cell] {
      if {$way eq "in" && ![dict exists $bd::driver $cell/$pin]} { error "STAND-IN: validate_bd_design: $cell/$pin is not driven" }
    }
    foreach {name way} [bd::interfaces $cell] {
      if {![dict exists $bd::linked $cell/$name]} { error "STAND-IN: validate_bd_design: $cell/$name is open" }
    }
  }
  standin::know valid 1
}

proc save_bd_design {args} { standin::need valid save_bd_design }

proc make_wrapper {args} {
  set found [standin::arguments make_wrapper $args {-files 1 -top 0 -import 0} 0 0]
  standin::need valid make_wrapper
  if {![string match *.bd [dict get $found -files]]} { error "STAND-IN: make_wrapper: no block design" }
  set name [standin::get design]_wrapper
  set path [file join [standin::get folder] [standin::get project].gen sources_1 bd [standin::get design] hdl $name.v]
  standin::write $path "module $name ();\nendmodule\n"
  return $path
}

# ---- Implementation.

proc launch_runs {args} {
  set found [standin::arguments launch_runs $args {-to_step 1 -jobs 1} 1 1]
  if {[lindex [dict get $found ""] 0] ne "impl_1" || [dict get $found -to_step] ne "write_bitstream"} { error "STAND-IN: launch_runs: unknown run or step" }
  if {[standin::get topmodule] ne "[standin::need design launch_runs]_wrapper"} { error "STAND-IN: launch_runs: the top is [standin::get topmodule]" }
  standin::know launched 1
}

proc wait_on_run {args} {
  set found [standin::arguments wait_on_run $args {-timeout 1} 1 1]
  standin::need launched wait_on_run
  standin::know waited 1
}

proc get_runs {args} {
  set name [lindex [dict get [standin::arguments get_runs $args {} 1 1] ""] 0]
  if {$name ni {synth_1 impl_1}} { error "STAND-IN: get_runs: there is no run $name" }
  return "run:$name"
}

proc open_run {args} {
  set name [lindex [dict get [standin::arguments open_run $args {} 1 1] ""] 0]
  if {$name ne "impl_1"} { error "STAND-IN: open_run: there is no run $name" }
  standin::need waited open_run
  standin::know opened 1
}

proc report_timing_summary {args} {
  set found [standin::arguments report_timing_summary $args {-file 1 -max_paths 1} 0 0]
  standin::need opened report_timing_summary
  standin::know timing [dict get $found -file]
}

proc report_utilization {args} {
  set found [standin::arguments report_utilization $args {-file 1 -hierarchical 0} 0 0]
  standin::need opened report_utilization
  standin::know utilisation [dict get $found -file]
}

proc write_hw_platform {args} {
  set found [standin::arguments write_hw_platform $args {-fixed 0 -include_bit 0 -force 0 -file 1} 0 0]
  standin::need opened write_hw_platform
  standin::write [dict get $found -file] "stand-in\n"
}

proc standin::finish {} {
  set lines ""
  foreach fact {part board_part registers vlnv design folder project timing utilisation launched} { append lines "$fact=[join [standin::get $fact] ,]\n" }
  dict for {cell config} $bd::cells {
    foreach name {CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ CONFIG.PCW_FPGA0_PERIPHERAL_FREQMHZ} {
      if {[dict exists $config $name]} { append lines "clock=[dict get $config $name]\n" }
    }
  }
  standin::write .stand-in-calls $lines
}

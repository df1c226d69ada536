# Written by aigchip: the accelerator in its shell, packaged as IP-XACT, in a block design for pynq-z2, to a bitstream.

proc stop {text} {
  puts "ERROR: \[AIGCHIP 1-1\] $text"
  exit 1
}

# ---- The IP. Packaged, and no module reference, since only a packaged IP brings its registers into the .hwh.
create_project -force package ./package -part xc7z020clg400-1
add_files -norecurse [list ./rtl/accelerator.v ./rtl/accelerator_shell.v]
set_property top accelerator_shell [current_fileset]
update_compile_order -fileset sources_1
ipx::package_project -root_dir ./ip -vendor aigchip -library user -taxonomy /UserIP -import_files -set_current true
set core [ipx::current_core]
set_property name accelerator $core
set_property version 1.0 $core
set_property core_revision 1 $core
ipx::infer_bus_interface ap_clk xilinx.com:signal:clock_rtl:1.0 $core
ipx::infer_bus_interface ap_rst_n xilinx.com:signal:reset_rtl:1.0 $core
ipx::infer_bus_interface interrupt xilinx.com:signal:interrupt_rtl:1.0 $core
foreach name [list s_axi_control m_axi_gmem_a m_axi_gmem_b m_axi_gmem_c] {
  if {[llength [ipx::get_bus_interfaces $name -of_objects $core]] != 1} {
    stop "the IP packager did not recognise the interface $name"
  }
  ipx::associate_bus_interfaces -busif $name -clock ap_clk $core
}
ipx::associate_bus_interfaces -clock ap_clk -reset ap_rst_n $core
set block [ipx::get_address_blocks reg0 -of_objects [ipx::get_memory_maps s_axi_control -of_objects $core]]
set_property range 8192 $block
foreach {name offset bits} [list CTRL 0 32 m 16 32] {
  ipx::add_register $name $block
  set register [ipx::get_registers $name -of_objects $block]
  set_property address_offset $offset $register
  set_property size $bits $register
}
set_property ipi_drc {ignore_freq_hz true} $core
ipx::create_xgui_files $core
ipx::update_checksums $core
ipx::check_integrity $core
ipx::save_core $core
close_project

# ---- The block design.
create_project -force project ./project -part xc7z020clg400-1
set boards [get_board_parts -quiet tul.com.tw:pynq-z2:part0:1.0]
if {[llength $boards] == 0} {
  set boards [lsort -dictionary [get_board_parts -quiet tul.com.tw:pynq-z2:part0:*]]
}
if {[llength $boards] == 0} {
  stop "this Vivado does not know the board tul.com.tw:pynq-z2:part0:1.0: install its board files"
}
set_property board_part [lindex $boards end] [current_project]
set_property ip_repo_paths [list ./ip] [current_project]
update_ip_catalog
create_bd_design system
# The processing system of Zynq-7000 as the board's preset has it, with one clock, one control port, and a port for each memory.
set ps [create_bd_cell -type ip -vlnv xilinx.com:ip:processing_system7 ps]
apply_bd_automation -rule xilinx.com:bd_rule:processing_system7 -config {make_external "FIXED_IO, DDR" apply_board_preset "1" Master "Disable" Slave "Disable"} $ps
set_property -dict [list \
  CONFIG.PCW_USE_M_AXI_GP0 {1} \
  CONFIG.PCW_FPGA0_PERIPHERAL_FREQMHZ {100} \
  CONFIG.PCW_USE_S_AXI_HP0 {1} \
  CONFIG.PCW_S_AXI_HP0_DATA_WIDTH {64} \
  CONFIG.PCW_USE_S_AXI_HP1 {1} \
  CONFIG.PCW_S_AXI_HP1_DATA_WIDTH {64} \
  CONFIG.PCW_USE_S_AXI_HP2 {1} \
  CONFIG.PCW_S_AXI_HP2_DATA_WIDTH {64} \
] $ps
set ps_clock ps/FCLK_CLK0
set ps_reset ps/FCLK_RESET0_N
set ps_control ps/M_AXI_GP0
set ps_memories [list ps/S_AXI_HP0 ps/S_AXI_HP1 ps/S_AXI_HP2]
set ps_port_clocks [list ps/M_AXI_GP0_ACLK ps/S_AXI_HP0_ACLK ps/S_AXI_HP1_ACLK ps/S_AXI_HP2_ACLK]
create_bd_cell -type ip -vlnv aigchip:user:accelerator:1.0 accelerator_0
create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset reset
set clocked [list accelerator_0/ap_clk reset/slowest_sync_clk]
set resets [list accelerator_0/ap_rst_n]
foreach name [list control gmem_a gmem_b gmem_c] {
  set connect [create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect connect_$name]
  set_property -dict [list CONFIG.NUM_SI {1} CONFIG.NUM_MI {1} CONFIG.NUM_CLKS {1}] $connect
  lappend clocked connect_$name/aclk
  lappend resets connect_$name/aresetn
}
foreach pin [concat $clocked $ps_port_clocks] {
  connect_bd_net [get_bd_pins $ps_clock] [get_bd_pins $pin]
}
connect_bd_net [get_bd_pins $ps_reset] [get_bd_pins reset/ext_reset_in]
foreach pin $resets {
  connect_bd_net [get_bd_pins reset/peripheral_aresetn] [get_bd_pins $pin]
}
connect_bd_intf_net [get_bd_intf_pins $ps_control] [get_bd_intf_pins connect_control/S00_AXI]
connect_bd_intf_net [get_bd_intf_pins connect_control/M00_AXI] [get_bd_intf_pins accelerator_0/s_axi_control]
foreach name [list gmem_a gmem_b gmem_c] port $ps_memories {
  connect_bd_intf_net [get_bd_intf_pins accelerator_0/m_axi_$name] [get_bd_intf_pins connect_$name/S00_AXI]
  connect_bd_intf_net [get_bd_intf_pins connect_$name/M00_AXI] [get_bd_intf_pins $port]
}
assign_bd_address
validate_bd_design
save_bd_design
set wrapper [make_wrapper -files [get_files system.bd] -top]
add_files -norecurse $wrapper
set_property top system_wrapper [current_fileset]
add_files -fileset constrs_1 -norecurse ./bitstream.xdc
update_compile_order -fileset sources_1

# ---- From RTL to the bitstream.
launch_runs impl_1 -to_step write_bitstream -jobs 2
wait_on_run impl_1
puts "aigchip: impl_1 is [get_property STATUS [get_runs impl_1]], [get_property PROGRESS [get_runs impl_1]]"
open_run impl_1
report_timing_summary -file ./timing.rpt
report_utilization -file ./utilisation.rpt
write_hw_platform -fixed -include_bit -force -file ./system.xsa
exit

# Written by aigchip: csim, csynth, cosim, export of mac.
open_project -reset project
set_top mac
add_files mac.cpp -cflags "-std=c++14"
add_files -tb mac_tb.cpp -cflags "-std=c++14"
open_solution -reset solution -flow_target vivado
set_part {xczu7ev-ffvc1156-2-e}
create_clock -period 3.333 -name default
csim_design
csynth_design
cosim_design -rtl verilog
export_design -rtl verilog -format ip_catalog
exit

# Written by aigchip: csynth of mac.
open_component -reset component -flow_target vivado
set_top mac
add_files mac.cpp -cflags "-std=c++14"
add_files -tb mac_tb.cpp -cflags "-std=c++14"
set_part {xczu7ev-ffvc1156-2-e}
create_clock -period 3.333 -name default
csynth_design
exit

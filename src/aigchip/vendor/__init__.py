"""Reports of Vivado HLS, Vitis HLS and Vivado, from 2013 to 2025, read into data."""

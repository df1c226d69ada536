"""What csynth tells about a synthesised design."""

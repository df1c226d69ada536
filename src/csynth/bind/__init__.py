"""Bind the scheduled values to registers, and streams and memories to their users."""

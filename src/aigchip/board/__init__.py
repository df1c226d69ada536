"""Boards, described by `boards/<board>/board.yaml`."""

from aigchip.board.board import Board, BoardError, Clock, Image, Link, Memory, boards, hosted_boards, load

__all__ = ["Board", "BoardError", "Clock", "Image", "Link", "Memory", "boards", "hosted_boards", "load"]

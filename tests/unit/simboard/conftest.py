"""The board's own half is importable here, and lies still: there is no marker file beside this interpreter."""

import sys
from pathlib import Path

BOARD = str(Path(__file__).resolve().parents[3] / "boards" / "simulated" / "board")
if BOARD not in sys.path:
    sys.path.append(BOARD)

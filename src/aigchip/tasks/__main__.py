"""`python -m aigchip.tasks`: the same as ./doit once .venv is there."""

import sys

from aigchip.tasks.main import main

if __name__ == "__main__":
    sys.exit(main())

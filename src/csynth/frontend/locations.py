"""Places in the user's source for LLVM's debug metadata."""

from __future__ import annotations

import re

from csynth.ir.model import Location


class Locations:
    """Resolves `!dbg` references of one module."""

    def __init__(self, metadata: dict[str, str], file: str) -> None:
        self._metadata, self._file = metadata, file
        self._known: dict[str, Location | None] = {}

    def of(self, reference: str | None) -> Location | None:
        """The place of `!12`, or None when it has none."""
        if reference is None:
            return None
        if reference not in self._known:
            self._known[reference] = self._resolve(reference)
        return self._known[reference]

    def of_function(self, reference: str | None) -> Location | None:
        """The place of a function's DISubprogram."""
        text = self._metadata.get(reference or "", "")
        match = re.search(r"\bline: (\d+)", text)
        return Location(file=self._scope_file(reference or ""), line=int(match.group(1))) if match else None

    def _resolve(self, reference: str) -> Location | None:
        text = self._metadata.get(reference, "")
        line = re.search(r"\bline: (\d+)", text)
        if "DILocation(" not in text or line is None or line.group(1) == "0":
            inlined = re.search(r"inlinedAt: (!\d+)", text)
            return self.of(inlined.group(1)) if inlined else None
        column = re.search(r"\bcolumn: (\d+)", text)
        scope = re.search(r"\bscope: (!\d+)", text)
        file = self._scope_file(scope.group(1)) if scope else self._file
        return Location(file=file, line=int(line.group(1)), column=int(column.group(1)) if column else 0)

    def _scope_file(self, reference: str) -> str:
        for _ in range(64):
            text = self._metadata.get(reference, "")
            if found := re.search(r"\bfile: (!\d+)", text):
                name = re.search(r'filename: "([^"]*)"', self._metadata.get(found.group(1), ""))
                return name.group(1).rsplit("/", 1)[-1] if name else self._file
            parent = re.search(r"\bscope: (!\d+)", text)
            if parent is None:
                break
            reference = parent.group(1)
        return self._file

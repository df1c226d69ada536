"""What clang refuses because csynth has no hardware for it, told in csynth's words, each under a code of its own."""

from __future__ import annotations

import re
from typing import NamedTuple


class Told(NamedTuple):
    """A refusal: its code, the reason and the remedy."""

    code: str
    message: str
    remedy: str


_SYSTEM_HEADERS = frozenset(
    "algorithm array atomic bitset cctype cerrno chrono cmath complex cstdlib ctime ctype.h deque errno.h exception fcntl.h fenv.h "  # noqa: SIM905
    "filesystem float.h fstream functional future initializer_list iomanip ios iostream istream iterator limits list locale map math.h "
    "memory mutex new numeric optional ostream pthread.h queue random regex set setjmp.h signal.h sstream stack stdexcept stdlib.h "
    "streambuf string string_view sys/stat.h sys/types.h thread time.h tuple type_traits typeinfo unistd.h unordered_map "
    "unordered_set utility valarray variant vector wchar.h".split()
)
_GUARD = "Remove it, or keep it for C simulation alone: #ifndef __SYNTHESIS__"
_RULES: tuple[tuple[re.Pattern[str], Told], ...] = (
    (
        re.compile(r"inline assembly"),
        Told("inline_assembly", "inline assembly has no hardware", "Write the operation in C++"),
    ),
    (
        re.compile(r"cannot use '(?:throw|try)' with exceptions disabled"),
        Told("exceptions", "exceptions have no hardware", "Return a status instead"),
    ),
    (
        re.compile(r"'?(?:typeid|dynamic_cast)'? .*-fno-rtti|use of (?:typeid|dynamic_cast) requires"),
        Told("run_time_types", "types that are found at run time have no hardware", "Name the type"),
    ),
    (
        re.compile(
            r"recursive template instantiation exceeded|instantiation depth|constexpr evaluation (?:hit|exceeded)"
        ),
        Told("template_depth", "a template or constant expression goes on for too long", "Let it end sooner"),
    ),
)


def told(message: str) -> Told | None:
    """Return the refusal that a message of clang stands for; None where it says that the source is not valid C++."""
    if missing := re.match(r"'([^']+)' file not found", message):
        name = missing[1]
        if name in _SYSTEM_HEADERS:
            return Told("system_header", f"there is no <{name}> for hardware", _GUARD)
        return Told("missing_file", f"no include folder has {name!r}", "Name its folder with -I")
    return next((refusal for pattern, refusal in _RULES if pattern.search(message)), None)

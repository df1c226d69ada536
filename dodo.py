"""The tasks of aigchip: see ./doit list. They are made in aigchip.tasks; here are their names and doit's settings."""

from aigchip.tasks.creators import (
    task_audit,
    task_bitstream,
    task_build,
    task_cosim,
    task_csim,
    task_csynth,
    task_link,
    task_modules,
    task_resources,
    task_rtlsim,
    task_search,
)
from aigchip.tasks.project import task_test, task_test_slow, task_verified
from aigchip.tasks.reporter import Reporter

__all__ = [
    "task_audit",
    "task_bitstream",
    "task_build",
    "task_cosim",
    "task_csim",
    "task_csynth",
    "task_link",
    "task_modules",
    "task_resources",
    "task_rtlsim",
    "task_search",
    "task_test",
    "task_test_slow",
    "task_verified",
]

DOIT_CONFIG = {
    "backend": "sqlite3",
    "dep_file": ":memory:",  # what is up to date is asked of the store
    "default_tasks": ["search"],
    "reporter": Reporter,
    "verbosity": 2,
    "num_process": 2,
    "par_type": "thread",  # a thread waits for the process that runs its step
}

"""CPU time of a bench with all that it started: what a busy machine does not change much."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family_seconds() -> float:
    """User and system CPU seconds so far of this process and everything below it, ended or not."""
    spent: dict[int, int] = {}
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            # The name of the program is in brackets and may hold anything.
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended; its parent holds its time
        pid = int(folder.name)
        parents[pid] = int(fields[1])
        spent[pid] = sum(map(int, fields[11:15]))  # its own and that of children it waited for
    own = os.getpid()
    return sum(spent[pid] for pid in spent if _is_below(pid, own, parents)) / _TICKS


def _is_below(pid: int, top: int, parents: dict[int, int]) -> bool:
    while pid != top and pid in parents:
        pid = parents[pid]
    return pid == top

"""Processor time, as /proc has it."""

import os
import pathlib
import resource

_TICKS = os.sysconf("SC_CLK_TCK")


def _fields(pid):
    """What follows the name in /proc/PID/stat; empty if there is no such process."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _children(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def own_seconds(pids):
    """Of these processes that live."""
    return sum(sum(map(int, _fields(pid)[11:13])) for pid in pids) / _TICKS


def processor_seconds(pid):
    """Of the process and of its children: those that live, and those that it has waited for."""
    return sum(map(int, _fields(pid)[11:15])) / _TICKS + own_seconds(_children(pid))


def children_seconds():
    """Of the programs that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

"""What a launcher started, written down so that a later start or stop ends exactly that and nothing else."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

COMMAND_SECONDS = 1.0
SAME_START_SECONDS = 2.0  # a pid that is used again differs in start time or command


@dataclass(frozen=True)
class Child:
    name: str
    pid: int
    started: float  # seconds since the epoch
    command: list[str]


def record(folder: Path, name: str, pid: int, command: list[str] | None = None) -> Child:
    """Write down a process; one just started may not show its command yet, so its starter names it."""
    process = psutil.Process(pid)
    child = Child(name, pid, process.create_time(), command or process.cmdline())
    new = folder / f".{name}.new"
    new.write_text(json.dumps(asdict(child)))
    new.replace(folder / f"{name}.json")
    return child


def recorded(folder: Path) -> list[Child]:
    """Every readable record, whether its process still lives or not."""
    children = []
    for path in sorted(folder.glob("*.json")):
        try:
            children.append(Child(**json.loads(path.read_text())))
        except (OSError, ValueError, TypeError):
            continue  # half a record names no process, so there is nothing to end
    return children


def find(child: Child) -> psutil.Process | None:
    """The living process of a record; None when it ended or the pid now belongs to another program."""
    try:
        process = psutil.Process(child.pid)
        if process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - child.started) > SAME_START_SECONDS:
            return None
        return process if _command(process) == child.command else None
    except psutil.Error:
        return None


def _command(process: psutil.Process) -> list[str]:
    """For an instant after its start a process shows no command yet."""
    until = time.monotonic() + COMMAND_SECONDS
    while not (command := process.cmdline()) and time.monotonic() < until:
        time.sleep(0.01)
    return command


def end(children: list[Child], seconds: float) -> list[str]:
    """Ask all to end, wait, then kill their process groups; returns the names of those that were alive."""
    living = [child for child in children if find(child)]
    for child in living:
        _signal(child.pid, signal.SIGTERM)
    until = time.monotonic() + seconds
    while any(map(find, living)) and time.monotonic() < until:
        time.sleep(0.05)
    for child in living:
        if find(child):
            _kill_group(child.pid)
    return [child.name for child in living]


def forget(folder: Path, name: str) -> None:
    (folder / f"{name}.json").unlink(missing_ok=True)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _kill_group(pid: int) -> None:
    """Each child leads its own group, so its helpers go with it."""
    with suppress(ProcessLookupError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)

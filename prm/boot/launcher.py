"""`make demo`: servers, tables, demo data, then web, worker and beat together until Ctrl-C."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prm.boot import children, config, embedded, places, port
from prm.boot.errors import BootError

STOP_SECONDS = 20
UP_SECONDS = 60
LOOK_SECONDS = 2.0
QUICK_DEATH_SECONDS = 10.0
QUICK_DEATHS = 3
LARGEST_LOG = 10_000_000
RESET_NAMES = ("postgres", "valkey", "files", "mail", "demo-accounts.json", "beat-schedule")


class Stop(Exception):
    """Ctrl-C, `make stop` or a closed terminal."""


def main() -> None:
    try:
        demo()
    except BootError as error:
        raise SystemExit(str(error))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise SystemExit(f"The disk of {places.var_folder()} is full. Free some space and start again.")
        raise


def demo() -> None:
    """The whole life of one demo; returns after everything it started has ended."""
    if config.is_production():
        raise BootError("PRM_ENV=production: the demo is for trying out. How to run in production: README.md, 'Deploying'.")
    number, bind = port.read_port(), port.read_bind()
    boot = config.load()
    places.make_var(boot.var)
    places.check_disk(boot.var)
    run_folder = boot.var / "run"
    run_folder.mkdir(exist_ok=True)
    with _only_launcher(run_folder):
        ended = children.end(children.recorded(run_folder), STOP_SECONDS)
        if ended:
            say(f"Ended what an earlier start left behind: {', '.join(ended)}")
        port.check_free(number, bind)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, _raise_stop)
        children.record(run_folder, "launcher", os.getpid())
        keeper = Keeper(boot, number)
        try:
            _prepare(boot, keeper)
            (boot.var / config.RUNNING_AT).write_text(keeper.environment["SITE_URL"] + "\n")
            keeper.start_all(after_first=lambda: _wait_until_up(keeper, number))
            _tell(boot.var, number)
            keeper.watch()
        except Stop:
            pass
        finally:
            _end_everything(keeper, boot, run_folder)


class Keeper:
    """Starts the processes of the Procfile and starts again the one that dies."""

    def __init__(self, boot: config.Boot, number: int) -> None:
        self.boot = boot
        self.run_folder = boot.var / "run"
        self.logs = boot.var / "log"
        self.commands = read_procfile(places.PROJECT / "Procfile")
        self.processes: dict[str, subprocess.Popen] = {}
        self.deaths: dict[str, list[float]] = {name: [] for name in self.commands}
        self.environment = {
            **os.environ,
            "PRM_VAR": str(boot.var),
            "PORT": str(number),
            "SITE_URL": os.environ.get("SITE_URL") or f"http://localhost:{number}",
            "REQUIRE_STAFF_MFA": os.environ.get("REQUIRE_STAFF_MFA") or "off",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }

    def start_all(self, after_first: Callable[[], None] = lambda: None) -> None:
        """In the order of the Procfile; web comes first and has the cores to itself, so that the page is there sooner."""
        say("Starting " + ", ".join(self.commands))
        for position, name in enumerate(self.commands):
            self.start(name)
            if position == 0:
                after_first()

    def start(self, name: str) -> None:
        self.logs.mkdir(exist_ok=True)
        log = self.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.old"))
        program, *rest = self.commands[name]
        command = [sys.executable, "-m", program, *rest]
        with log.open("ab") as sink:
            # Its own session: Ctrl-C reaches the launcher alone, which then ends things in order.
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=places.PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        self.processes[name] = process
        children.record(self.run_folder, name, process.pid, command)

    def run_once(self, *arguments: str) -> None:
        """A manage.py command in the foreground; its failure stops the start."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=places.PROJECT, env=self.environment, start_new_session=True)  # noqa: S603
        if done.returncode:
            raise BootError(f"'manage.py {' '.join(arguments)}' failed; what it said stands above.")

    def watch(self) -> None:
        """Until Stop: start again what ended, servers included; give up on what ends again and again."""
        while True:
            time.sleep(LOOK_SECONDS)
            with suppress(BootError):  # tried again two seconds later
                embedded.ensure(self.boot, say)
            self.look_after()

    def look_after(self) -> None:
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self._again(name, process.returncode)

    def _again(self, name: str, code: int) -> None:
        now = time.monotonic()
        recent = [moment for moment in self.deaths[name] if now - moment < QUICK_DEATH_SECONDS * QUICK_DEATHS]
        self.deaths[name] = [*recent, now]
        if len(self.deaths[name]) >= QUICK_DEATHS:
            last = (self.logs / f"{name}.log").read_text(errors="replace").strip().splitlines()[-12:]
            raise BootError(
                "\n".join(last) + f"\n{name} ended {QUICK_DEATHS} times in a row (last with {code}); its last lines are above."
            )
        say(f"{name} ended with {code}; starting it again")
        self.start(name)

    def end_all(self) -> None:
        for process in self.processes.values():
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for name, process in self.processes.items():
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            children.forget(self.run_folder, name)


def read_procfile(path: Path) -> dict[str, list[str]]:
    """name → words of the command, in the order of the file."""
    commands = {}
    for line in path.read_text().splitlines():
        name, found, command = line.partition(":")
        if found and not line.startswith("#"):
            commands[name.strip()] = shlex.split(command)
    return commands


def stop() -> None:
    """`make stop`: end a running demo, whatever an earlier one left, and the embedded servers."""
    run_folder = places.var_folder() / "run"
    found = children.recorded(run_folder)
    launchers = [child for child in found if child.name == "launcher"]
    ended = ["the demo" for _ in children.end(launchers, STOP_SECONDS * 2)]
    ended += children.end([child for child in found if child.name != "launcher"], STOP_SECONDS)
    for child in found:
        children.forget(run_folder, child.name)
    ended += embedded.stop()
    say("Stopped " + ", ".join(ended) + "." if ended else "Nothing was running.")


def say(text: str) -> None:
    with suppress(OSError):  # the terminal may be gone
        print(f"· {text}", flush=True)  # noqa: T201


def _prepare(boot: config.Boot, keeper: Keeper) -> None:
    if os.environ.get("RESET") == "1":
        _reset(boot)
    embedded.ensure(boot, say)
    say("Preparing tables and demo data")
    keeper.run_once("prepare_demo")


def _reset(boot: config.Boot) -> None:
    if not boot.embedded_postgres:
        raise BootError("RESET=1 removes the embedded database only; DATABASE_URL names one of your own, which stays as it is.")
    say("RESET=1: removing the old data")
    embedded.stop(boot.var)
    for folder in {boot.var, places.servers_folder(boot.var)}:
        for name in RESET_NAMES:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _wait_until_up(keeper: Keeper, number: int) -> None:
    until = time.monotonic() + UP_SECONDS
    while time.monotonic() < until:
        keeper.look_after()
        with suppress(OSError), urllib.request.urlopen(f"http://localhost:{number}/healthz/", timeout=5):
            return
        time.sleep(0.1)
    raise BootError(f"The web server does not answer after {UP_SECONDS} s; see {keeper.logs / 'web.log'}.")


def _tell(var: Path, number: int) -> None:
    lines = ["", f"  The portal is up: http://localhost:{number}", ""]
    with suppress(OSError, ValueError):
        accounts = json.loads((var / "demo-accounts.json").read_text())
        width = max(len(account["role"]) for account in accounts)
        longest = max(len(account["email"]) for account in accounts)
        lines += [f"  {item['role']:<{width}}  {item['email']:<{longest}}  {item['password']}" for item in accounts]
        lines += ["", f"  These sign-ins stand in {var / 'demo-accounts.json'}"]
    lines += [f"  Logs: {var / 'log'}   Stop: Ctrl-C", ""]
    print("\n".join(lines), flush=True)  # noqa: T201


def _end_everything(keeper: Keeper, boot: config.Boot, run_folder: Path) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
    say("Stopping")
    keeper.end_all()
    embedded.stop(boot.var)
    (boot.var / config.RUNNING_AT).unlink(missing_ok=True)
    children.forget(run_folder, "launcher")
    say("Stopped; the data stays")


def _raise_stop(number: int, frame: object) -> None:
    raise Stop


@contextmanager
def _only_launcher(run_folder: Path) -> Iterator[None]:
    """A lock that dies with its holder, so a killed launcher never stands in the way."""
    with (run_folder / "launcher.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BootError("The demo is already running from this folder; 'make stop' ends it.") from error
        yield


if __name__ == "__main__":
    stop() if sys.argv[1:] == ["stop"] else main()

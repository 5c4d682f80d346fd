"""A whole start and stop, with a project of three files: its manage.py notes what it was asked, its web serves a folder."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from functools import partial

import pytest

from prm.boot import children, launcher, places

MANAGE = "import sys; open('asked.txt', 'a').write(' '.join(sys.argv[1:]) + '\\n')"
FAILING = "raise SystemExit('no table can be made')"


@pytest.fixture
def project(monkeypatch, tmp_path, unused_port):
    (tmp_path / "site" / "healthz").mkdir(parents=True)
    (tmp_path / "site" / "healthz" / "index.html").write_text("ok")
    (tmp_path / "Procfile").write_text(f"# three would be too many here\nweb: http.server {unused_port} --directory site\n")
    (tmp_path / "manage.py").write_text(MANAGE)
    monkeypatch.setattr(places, "PROJECT", tmp_path)
    given = {
        "PRM_VAR": tmp_path / "var",
        "DATABASE_URL": "postgresql://u@db/x",
        "REDIS_URL": "redis://cache/0",
        "PORT": unused_port,
    }
    for name, value in given.items():
        monkeypatch.setenv(name, str(value))
    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield tmp_path
    for name, handler in handlers.items():
        signal.signal(name, handler)


@pytest.fixture
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def run_until_up(port):
    """The launcher's whole life: Ctrl-C from another thread once the page has answered; returns what it answered."""
    seen, over = [], threading.Event()

    def wait():
        while not over.wait(0.05):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=5) as page:
                seen.append(page.status)
                break
        if not over.wait(0.3):  # a launcher that gave up is no longer there to take it
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        launcher.main()
    finally:
        over.set()
        thread.join()
    return seen


def wait_for(found):
    for _ in range(600):
        if found():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in 30 s")


def test_it_comes_up_and_ctrl_c_ends_everything(project, unused_port, capsys):
    seen = run_until_up(unused_port)
    said = capsys.readouterr().out
    assert seen == [200]
    assert (project / "asked.txt").read_text() == "prepare_demo\n"
    assert f"The portal is up: http://localhost:{unused_port}" in said
    assert said.endswith("· Stopped; the data stays\n")
    assert children.recorded(project / "var" / "run") == []
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{unused_port}/healthz/", timeout=1)


def test_what_a_killed_launcher_left_is_ended_first(project, unused_port, capsys):
    run_folder = project / "var" / "run"
    run_folder.mkdir(parents=True)
    command = [sys.executable, "-m", "http.server", str(unused_port), "--bind", "127.0.0.1"]
    left = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL, cwd=project)
    child = children.record(run_folder, "web", left.pid, command)
    wait_for(lambda: children.find(child))
    assert run_until_up(unused_port) == [200]
    assert left.wait(5) == -signal.SIGTERM
    assert "Ended what an earlier start left behind: web" in capsys.readouterr().out


def test_a_busy_port_stops_before_anything_is_started(project, unused_port):
    with socket.create_server(("127.0.0.1", unused_port)), pytest.raises(SystemExit, match="already in use"):
        launcher.main()
    assert not (project / "asked.txt").exists()


def test_tables_that_cannot_be_made_stop_the_start(project, capfd):
    (project / "manage.py").write_text(FAILING)
    with pytest.raises(SystemExit, match="'manage.py prepare_demo' failed"):
        launcher.main()
    assert "no table can be made" in capfd.readouterr().err
    assert children.recorded(project / "var" / "run") == []


def test_a_web_server_that_never_answers_is_told(project, monkeypatch):
    monkeypatch.setattr(launcher, "UP_SECONDS", 0.3)
    (project / "Procfile").write_text("web: http.server 0 --bind 127.0.0.1\n")
    with pytest.raises(SystemExit, match="does not answer"):
        launcher.main()


def test_make_stop_ends_what_is_recorded(project, capsys):
    run_folder = project / "var" / "run"
    run_folder.mkdir(parents=True)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    for name in ("launcher", "web"):
        process = subprocess.Popen(command, start_new_session=True)
        child = children.record(run_folder, name, process.pid, command)
        wait_for(partial(children.find, child))
        threading.Thread(target=process.wait).start()  # as init would: a dead child is no longer seen
    launcher.stop()
    assert capsys.readouterr().out == "· Stopped the demo, web.\n"
    launcher.stop()
    assert capsys.readouterr().out == "· Nothing was running.\n"

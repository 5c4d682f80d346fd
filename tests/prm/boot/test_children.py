"""Exactly the recorded process is ended: same pid, same start, same command."""

import json
import subprocess
import sys

import pytest

from prm.boot import children

COMMAND = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, 1); print('ready', flush=True); time.sleep(60)"]


@pytest.fixture
def start():
    started = []

    def run(command):
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_recorded_process_is_found_and_ended(start, tmp_path):
    process = start(COMMAND)
    children.record(tmp_path, "web", process.pid, COMMAND)
    (found,) = children.recorded(tmp_path)
    assert (found.name, found.pid, found.command) == ("web", process.pid, COMMAND)
    assert children.end([found], 5) == ["web"]
    assert process.wait(5) == -15
    children.forget(tmp_path, "web")
    assert children.recorded(tmp_path) == []


def test_one_that_ignores_the_request_is_killed(start, tmp_path):
    process = start(STUBBORN)
    process.stdout.readline()
    child = children.record(tmp_path, "worker", process.pid, STUBBORN)
    assert children.end([child], 0.2) == ["worker"]
    assert process.wait(5) == -9


@pytest.mark.parametrize("change", [{"started": 1.0}, {"command": ["another", "program"]}, {"pid": 2**22 - 1}])
def test_a_pid_that_was_given_to_another_program_is_left_alone(start, tmp_path, change):
    process = start(COMMAND)
    child = children.record(tmp_path, "web", process.pid, COMMAND)
    other = children.Child(**{**child.__dict__, **change})
    assert children.end([other], 0.1) == []
    assert process.poll() is None


def test_a_broken_record_names_nothing(tmp_path):
    (tmp_path / "web.json").write_text('{"name": "web", "pid"')
    (tmp_path / "beat.json").write_text(json.dumps({"name": "beat"}))
    assert children.recorded(tmp_path) == []

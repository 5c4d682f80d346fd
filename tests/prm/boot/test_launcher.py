"""The keeper with small programs of the standard library in place of web, worker and beat."""

import json
import os
import signal
import time

import pytest

from prm.boot import children, config, launcher, places
from prm.boot.errors import BootError


@pytest.fixture
def keeper(monkeypatch, tmp_path):
    monkeypatch.setenv("PRM_VAR", str(tmp_path / "var"))
    keeper = launcher.Keeper(config.load(), 8123)
    keeper.run_folder.mkdir()
    keeper.commands = {"web": ["http.server", "0", "--bind", "127.0.0.1"], "worker": ["http.server", "0", "--bind", "127.0.0.1"]}
    keeper.deaths = {"web": [], "worker": []}
    yield keeper
    keeper.end_all()


def wait_until(condition):
    until = time.monotonic() + 10
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    assert condition()


def test_all_are_started_recorded_and_ended(keeper, capsys):
    keeper.start_all()
    recorded = children.recorded(keeper.run_folder)
    assert [child.name for child in recorded] == ["web", "worker"]
    wait_until(lambda: all(children.find(child) for child in recorded))
    keeper.end_all()
    assert children.recorded(keeper.run_folder) == []
    assert not any(children.find(child) for child in recorded)
    assert capsys.readouterr().out == "· Starting web, worker\n"


def test_one_that_was_killed_is_started_again(keeper, capsys):
    keeper.start_all()
    killed = keeper.processes["web"]
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: killed.poll() is not None)
    keeper.look_after()
    assert keeper.processes["web"].pid != killed.pid
    assert "web ended with -9; starting it again" in capsys.readouterr().out


def test_one_that_ends_again_and_again_stops_the_start_with_its_last_words(keeper):
    keeper.commands["web"] = ["http.server", "no-port"]
    keeper.start("web")
    with pytest.raises(BootError, match=r"invalid int value(?s:.*)web ended 3 times in a row"):
        for _ in range(3):
            wait_until(lambda: keeper.processes["web"].poll() is not None)
            keeper.look_after()


def test_children_know_address_and_folder_and_demo_staff_need_no_second_factor(keeper, monkeypatch):
    for name in ("SITE_URL", "REQUIRE_STAFF_MFA"):
        monkeypatch.delenv(name, raising=False)
    environment = launcher.Keeper(keeper.boot, 8123).environment
    assert environment["SITE_URL"] == "http://localhost:8123"
    assert environment["PORT"] == "8123"
    assert environment["REQUIRE_STAFF_MFA"] == "off"
    assert environment["PRM_VAR"] == str(keeper.boot.var)


def test_a_second_launcher_on_the_same_folder_is_refused(tmp_path):
    with (
        launcher._only_launcher(tmp_path),
        pytest.raises(BootError, match="already running.*make stop"),
        launcher._only_launcher(tmp_path),
    ):
        pass


def test_the_procfile_names_web_worker_and_beat():
    commands = launcher.read_procfile(places.PROJECT / "Procfile")
    assert list(commands) == ["web", "worker", "beat"]
    assert commands["web"][0] == "gunicorn"


def test_reset_removes_data_and_leaves_a_database_of_your_own_alone(keeper, monkeypatch):
    keeper.boot.var.joinpath("files").mkdir()
    keeper.boot.var.joinpath("demo-accounts.json").write_text("[]")
    launcher._reset(keeper.boot)
    assert sorted(path.name for path in keeper.boot.var.iterdir()) == ["run", "secret", "servers.lock"]
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@db/x")
    with pytest.raises(BootError, match="DATABASE_URL names one of your own"):
        launcher._reset(config.load())


def test_production_has_no_demo(monkeypatch):
    monkeypatch.setenv("PRM_ENV", "production")
    with pytest.raises(BootError, match="the demo is for trying out"):
        launcher.demo()


def test_sign_ins_are_told_at_the_end(tmp_path, capsys):
    accounts = [{"role": "Sales", "email": "amir@acme.example", "password": "secret words"}]
    (tmp_path / "demo-accounts.json").write_text(json.dumps(accounts))
    launcher._tell(tmp_path, 8123)
    said = capsys.readouterr().out
    assert "http://localhost:8123" in said
    assert "Sales  amir@acme.example  secret words" in said

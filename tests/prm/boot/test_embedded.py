"""The real servers in a folder of their own: started once, found again, survive kill -9, stopped by name."""

import os
import shutil
import signal
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from prm.boot import config, embedded, places, postgres, valkey


@pytest.fixture(scope="module")
def boot():
    """A var folder that the servers' account may reach (pytest's own lie in a closed one)."""
    folder = Path(tempfile.mkdtemp(prefix="prm-test-"))
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRM_VAR", str(folder / "var"))
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("REDIS_URL", raising=False)
        boot = config.load()
        left_by_a_killed_initdb = boot.var / "postgres" / "global"
        left_by_a_killed_initdb.mkdir(parents=True)
        embedded.ensure(boot, lambda text: None)
        yield boot
        embedded.stop(boot.var)
    shutil.rmtree(folder)


def data_of(boot):
    return places.servers_folder(boot.var) / "postgres"


def sockets_of(boot):
    return places.sockets_folder(boot.var)


def test_a_start_that_was_killed_inside_initdb_was_begun_again(boot):
    assert (data_of(boot) / "PG_VERSION").read_text() == "18\n"


def test_sockets_are_ours_alone_and_no_tcp_port_is_open(boot):
    assert stat.S_IMODE(sockets_of(boot).stat().st_mode) == 0o700
    for name in ("valkey.sock", ".s.PGSQL.5432"):
        assert stat.S_IMODE((sockets_of(boot) / name).stat().st_mode) == 0o700
    pid = postgres.server_pid(data_of(boot))
    assert [line for line in psutil.Process(pid).net_connections("inet") if line.status == "LISTEN"] == []


def test_letters_beyond_ascii_have_a_lower_case(boot):
    with postgres.connect(sockets_of(boot), "prm") as connection:
        assert connection.execute("SELECT lower('ÄÉÎ')").fetchone() == ("äéî",)


def test_a_second_start_finds_the_running_servers(boot):
    before, said = postgres.server_pid(data_of(boot)), []
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: embedded.ensure(boot, said.append), range(8)))
    assert postgres.server_pid(data_of(boot)) == before
    assert said == []


def test_data_survives_kill_9_of_both_servers(boot):
    with postgres.connect(sockets_of(boot), "prm") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    valkey._ask(sockets_of(boot), b"SET kept 7")
    time.sleep(1.1)  # appendfsync everysec
    for name in ("postgres", "valkey"):
        pid_file = data_of(boot).parent / name / {"postgres": "postmaster.pid", "valkey": "valkey.pid"}[name]
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    embedded.ensure(boot, lambda text: None)
    with postgres.connect(sockets_of(boot), "prm") as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    assert valkey._ask(sockets_of(boot), b"GET kept").endswith(b"7\r\n")


def test_stop_ends_both_and_a_second_stop_finds_nothing(boot):
    assert embedded.stop(boot.var) == ["Valkey", "PostgreSQL"]
    assert embedded.stop(boot.var) == []
    assert postgres.server_pid(data_of(boot)) is None
    assert not valkey.answers(sockets_of(boot))


def test_given_servers_start_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("PRM_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db/x")
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    said = []
    embedded.ensure(config.load(), said.append)
    assert said == []
    assert not (tmp_path / "var" / "servers.lock").exists()

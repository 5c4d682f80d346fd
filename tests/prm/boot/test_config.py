"""Environment in, addresses out; nothing is started."""

import stat

import pytest

from prm.boot import config, places
from prm.boot.errors import BootError


@pytest.fixture
def bare(monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PRM_ENV", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL", "EMAIL_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRM_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


def test_unset_means_embedded_and_the_same_addresses_each_time(bare):
    first = config.load()
    assert first == config.load()
    assert first.embedded_postgres and first.embedded_valkey
    sockets = places.sockets_folder(bare)
    assert first.database_url == f"postgresql://prm@/prm?host={sockets}"
    assert first.redis_url == f"redis+socket://{sockets}/valkey.sock?virtual_host=0"
    assert first.cache_url == f"unix://{sockets}/valkey.sock?db=1"


def test_load_starts_nothing_and_makes_only_the_secret(bare):
    config.load()
    assert [path.name for path in bare.iterdir()] == ["secret"]
    assert stat.S_IMODE((bare / "secret").stat().st_mode) == 0o600
    assert len((bare / "secret").read_text()) > 50


def test_given_servers_are_taken(bare, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db:5432/x")
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/3")
    boot = config.load()
    assert (boot.database_url, boot.redis_url, boot.cache_url) == (
        "postgresql://u:p@db:5432/x",
        "redis://cache:6379/3",
        "redis://cache:6379/3",
    )
    assert not boot.embedded_postgres and not boot.embedded_valkey


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("unix:///run/v.sock?db=2", "redis+socket:///run/v.sock?virtual_host=2"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
        ("rediss://h:6380/0", "rediss://h:6380/0"),
    ],
)
def test_celerys_spelling_of_a_broker(given, expected):
    assert config.broker_address(given) == expected


def test_production_lists_every_missing_variable_at_once(bare, monkeypatch):
    monkeypatch.setenv("PRM_ENV", "production")
    monkeypatch.setenv("SECRET_KEY", "  ")
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/0")
    with pytest.raises(BootError) as error:
        config.load()
    for name in ("SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL"):
        assert name in str(error.value)
    assert "REDIS_URL" not in str(error.value)
    assert not bare.exists()


def test_wrong_values_are_listed_together(bare, monkeypatch):
    for name, value in {"DATABASE_URL": "sqlite:///x.db", "WORKER_PROCESSES": "two", "REQUIRE_STAFF_MFA": "maybe"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BootError) as error:
        config.load()
    assert str(error.value).splitlines()[1:] == [
        "  DATABASE_URL must begin with postgresql:// or postgres://",
        "  WORKER_PROCESSES must be a whole number",
        "  REQUIRE_STAFF_MFA must be on or off",
    ]


def test_a_var_folder_that_cannot_be_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PRM_VAR", str(tmp_path / "file" / "var"))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(BootError, match="set PRM_VAR to a folder"):
        config.load()


def test_an_unknown_environment_is_refused(bare, monkeypatch):
    monkeypatch.setenv("PRM_ENV", "prod")
    with pytest.raises(BootError, match="'production' or 'development'"):
        config.load()


def test_mails_link_to_where_the_demo_of_this_folder_runs(bare, monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    assert config.site_url(bare) == "http://localhost:8000"
    (bare / "run").mkdir(parents=True)
    (bare / config.RUNNING_AT).write_text("http://localhost:8765\n")
    assert config.site_url(bare) == "http://localhost:8765"
    monkeypatch.setenv("PORT", "9000")
    assert config.site_url(bare) == "http://localhost:9000"
    monkeypatch.setenv("SITE_URL", "https://portal.example/")
    assert config.site_url(bare) == "https://portal.example"

"""/healthz/ and /readyz/: JSON, no sign-in, 503 when a part does not work."""

import time

import pytest
from django.core.cache import cache

from prm.ops import health
from prm.ops.tasks import heartbeat


@pytest.fixture
def all_alive():
    heartbeat()
    health.mark("beat")


def test_healthz_answers_without_database_or_sign_in(client, django_assert_num_queries):
    response = client.get("/healthz/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_is_200_when_all_parts_work(client, all_alive):
    response = client.get("/readyz/")
    checks = response.json()["checks"]
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert list(checks) == ["database", "broker", "worker", "beat"]
    assert all(check["ok"] for check in checks.values())


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["worker", "beat"])
def test_readyz_is_503_when_a_part_has_been_silent(client, all_alive, part):
    cache.set(f"ops:alive:{part}", time.time() - health.MARK_SECONDS - 1)
    response = client.get("/readyz/")
    assert response.status_code == 503
    assert [name for name, check in response.json()["checks"].items() if not check["ok"]] == [part]


@pytest.mark.django_db
def test_readyz_is_503_when_a_part_was_never_seen(client):
    response = client.get("/readyz/")
    assert response.status_code == 503
    assert response.json()["checks"]["worker"] == {"ok": False, "age_seconds": None}


@pytest.mark.django_db
def test_a_broker_that_is_down_is_told_and_not_raised(client, all_alive, settings):
    from prm.celery import app

    before = app.conf.broker_url
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    try:
        response = client.get("/readyz/")
    finally:
        app.conf.broker_url = before
    assert response.status_code == 503
    assert response.json()["checks"]["broker"]["ok"] is False
    assert response.json()["checks"]["database"] == {"ok": True}


@pytest.mark.parametrize("path", ["/healthz/", "/readyz/"])
def test_health_pages_are_read_only(client, path):
    assert client.post(path).status_code == 405

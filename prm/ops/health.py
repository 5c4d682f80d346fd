"""Are the parts that a page needs, and those behind it, working? Each check answers with a small dict for /readyz/."""

import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection

from prm.core.doorbell import task_app

MARK_SECONDS = 90  # the worker's mark is renewed every 15 s, beat's every 5 s


def mark(part: str) -> None:
    """Leave the time of this moment as the sign of life of `part` ("worker" or "beat")."""
    cache.set(f"ops:alive:{part}", time.time(), timeout=3600)


def report() -> dict:
    """{"status": "ok" | "unavailable", "checks": {name: {"ok": bool, …}}}; never raises."""
    checks = {
        "database": _try(_database),
        "broker": _try(_broker),
        "worker": _try(lambda: _age_of("worker")),
        "beat": _try(lambda: _age_of("beat")),
    }
    return {"status": "ok" if all(check["ok"] for check in checks.values()) else "unavailable", "checks": checks}


def _try(check: Callable[[], dict]) -> dict:
    try:
        return check()
    except Exception as error:  # a health page that fails on the fault it looks for is of no use
        return {"ok": False, "error": type(error).__name__}


def _database() -> dict:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def _broker() -> dict:
    with task_app().connection_for_write(transport_options={"socket_connect_timeout": 2, "socket_timeout": 2}) as broker:
        broker.ensure_connection(max_retries=1, timeout=2, reraise_as_library_errors=False)
    return {"ok": True}


def _age_of(part: str) -> dict:
    seen = cache.get(f"ops:alive:{part}")
    if seen is None:
        return {"ok": False, "age_seconds": None}
    age = round(time.time() - seen, 1)
    return {"ok": age <= MARK_SECONDS, "age_seconds": age}

"""Beat that may be started on several machines: only the one that holds the lock sends."""

import psycopg
from celery.beat import PersistentScheduler
from celery.utils.log import get_logger
from django.db import connections

from prm.ops import health

LOCK = 7_302_511_904  # any fixed number: the advisory lock that stands for "I am beat"
RETRY_SECONDS = 5.0

logger = get_logger(__name__)


class GuardedScheduler(PersistentScheduler):
    """Sends only while its own database connection holds the lock; the others stand by and take over.

    The connection is its own, so that no request, task or pool can return it and lose the lock unseen.
    """

    guard: psycopg.Connection | None = None

    def tick(self, *args, **kwargs) -> float:
        try:
            if not self._holds_lock():
                return RETRY_SECONDS
            wait = super().tick(*args, **kwargs)
            health.mark("beat")
        except (psycopg.OperationalError, OSError) as error:
            logger.warning("beat waits: %s", error)
            self._let_go()
            return RETRY_SECONDS
        return min(wait, RETRY_SECONDS)

    def close(self) -> None:
        self._let_go()
        super().close()

    def _holds_lock(self) -> bool:
        if self.guard is not None:
            self.guard.execute("SELECT 1")  # a lost connection is a lost lock
            return True
        guard = psycopg.connect(**connections["default"].get_connection_params(), autocommit=True)
        if guard.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()[0]:
            self.guard = guard
            return True
        guard.close()
        return False

    def _let_go(self) -> None:
        if self.guard is not None:
            self.guard.close()
            self.guard = None

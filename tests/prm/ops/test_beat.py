"""Two beats, one sends; when it goes the other takes over."""

import pytest
from django.core.cache import cache

from prm.celery import app
from prm.ops.beat import RETRY_SECONDS, GuardedScheduler

pytestmark = pytest.mark.django_db


class Sent(GuardedScheduler):
    """What would go to the broker is noted instead."""

    def apply_async(self, entry, producer=None, advance=True, **kwargs):
        self.sent.append(entry.task)


@pytest.fixture
def make_beat(tmp_path):
    schedule = app.conf.beat_schedule
    app.conf.beat_schedule = {"heartbeat": {"task": "ops.heartbeat", "schedule": 0.0}}
    made = []

    def make():
        beat = Sent(app=app, schedule_filename=str(tmp_path / f"beat-{len(made)}"))
        beat.sent = []
        made.append(beat)
        return beat

    yield make
    for beat in made:
        beat.close()
    app.conf.beat_schedule = schedule


def test_only_the_holder_of_the_lock_sends(make_beat):
    first, second = make_beat(), make_beat()
    for _ in range(3):
        first.tick()
        assert second.tick() == RETRY_SECONDS
    assert "ops.heartbeat" in first.sent
    assert second.sent == []
    assert cache.get("ops:alive:beat") is not None


def test_the_other_takes_over_when_the_holders_connection_dies(make_beat):
    first, second = make_beat(), make_beat()
    first.tick()
    assert second.tick() == RETRY_SECONDS
    first.guard.close()
    second.tick()
    second.tick()
    assert "ops.heartbeat" in second.sent
    before = len(first.sent)
    first.tick()
    first.tick()
    assert len(first.sent) == before

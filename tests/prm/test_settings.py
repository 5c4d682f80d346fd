"""Settings on which promises rest."""

import pytest
from django.conf import settings

from prm.celery import app


def test_work_is_acknowledged_when_it_is_done_and_comes_back_when_its_worker_is_killed():
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost, app.conf.worker_prefetch_multiplier) == (True, True, 1)
    assert app.conf.task_ignore_result is True, "rows are the truth"


@pytest.mark.parametrize("name", ["SESSION_COOKIE_HTTPONLY", "USE_TZ"])
def test_always_on(name):
    assert getattr(settings, name) is True


def test_passwords_and_sign_in_have_limits():
    assert settings.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert {"login", "login_failed", "reset_password"} <= settings.ACCOUNT_RATE_LIMITS.keys()

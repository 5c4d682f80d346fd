"""Real threads on a real database: two requests at once have one hour's questions between them."""

from __future__ import annotations

import pytest

from deals.models import AccountCheck
from deals.rules.policy import PolicyRules
from deals.services.account import check_account, check_accounts
from deals.services.policy import publish_policy
from prm.core.errors import DomainError
from prm.matching import Identity
from tests.at_once import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_many_at_once_do_not_get_more_than_the_hour_allows(cast):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=5), None, by=None)

    def rows(kind: str) -> list[tuple[Identity, None]]:
        return [(Identity(name=f"{kind} Werk{number} Bau", country="AT"), None) for number in range(4)]

    found = together(
        lambda: check_accounts(rows("Alpha"), by=cast.amir, partner=cast.acme),
        lambda: check_accounts(rows("Beta"), by=cast.amir, partner=cast.acme),
        lambda: check_account(Identity(name="Gamma Werk", country="AT"), by=cast.amir, partner=cast.acme),
    )
    assert all(isinstance(answer, list) or getattr(answer, "kind", "") or isinstance(answer, DomainError) for answer in found), (
        found
    )
    assert AccountCheck.objects.count() == 5


def test_the_same_list_twice_at_once_is_one_look(cast):
    publish_policy("Rules", PolicyRules(account_checks_per_hour=2), None, by=None)
    rows = [(Identity(name=name, country="AT"), None) for name in ("Alpha AG", "Beta AG")]
    found = together(*[lambda: check_accounts(rows, by=cast.amir, partner=cast.acme)] * 2)
    assert [[answer.kind for answer in answers] for answers in found] == [["free", "free"]] * 2
    assert AccountCheck.objects.count() == 2

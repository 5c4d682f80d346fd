"""Precision and recall on the judged pairs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from deals.enums import Judged
from deals.models import IdentityVerdict
from deals.reports import Agreement, verdict_report
from deals.services.customer import resolve_customer
from deals.services.verdict import record_pair, withdraw_verdict
from prm.matching import Identity

pytestmark = pytest.mark.django_db


def judge(cast, asked: str, known: str, word: str, month: int) -> IdentityVerdict:
    customer, _new = resolve_customer(Identity(known, country="AT"), by=None)
    one, two = Identity(asked, country="AT"), Identity(known, country="AT")
    at = datetime(2026, month, 5, 12, tzinfo=UTC)
    return record_pair(one, two, customer, word, by=cast.dana, now=at, source="review")[0]


def test_nothing_judged():
    report = verdict_report()
    assert (report.months, report.disagreements, report.total.judged) == ([], [], 0)
    assert (report.total.precision, report.total.recall) == (None, None)


def test_by_month_and_in_all(cast, django_assert_num_queries):
    judge(cast, "Zumtobel Lighting GmbH", "Zumtobel Lighting Ges.m.b.H.", Judged.SAME, 8)
    wrong = judge(cast, "Doppelmayr Seilbahnen GmbH", "Doppelmayr Seilbahn GmbH", Judged.DIFFERENT, 9)
    missed = judge(cast, "Swarovski KG", "Daniel S. Optik", Judged.SAME, 9)
    judge(cast, "Andritz Hydro AG", "Julius Blum GmbH", Judged.DIFFERENT, 9)
    back = judge(cast, "Gebrüder Weiss", "Gebrüder Weiss Logistik", Judged.SAME, 9)
    withdraw_verdict(back, by=cast.dana)
    with django_assert_num_queries(2):
        report = verdict_report()
    assert report.months == [
        Agreement(date(2026, 9, 1), likely_different=1, unlikely_same=1, unlikely_different=1),
        Agreement(date(2026, 8, 1), certain_same=1),
    ]
    assert (report.total.judged, report.total.precision, report.total.recall) == (4, 50.0, 50.0)
    assert set(report.disagreements) == {wrong, missed}
    assert report.months[0].as_json()["month"] == "2026-09"

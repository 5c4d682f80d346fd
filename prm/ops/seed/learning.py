"""What people have taught the duplicate engine by the day of the demo: words on pairs, a merge, doubles, a proposed model."""

from __future__ import annotations

from datetime import datetime, timedelta

from deals.enums import Judged, Outcome
from deals.models import ConflictCandidate
from deals.queries.double import look
from deals.queries.refit import refit
from deals.queries.verdict import get_candidate
from deals.services.customer import resolve_customer
from deals.services.match_model import propose_model
from deals.services.merge import merge_customers
from deals.services.verdict import judge_candidate, keep_customers_apart
from partners.models import User
from prm.matching import Identity
from prm.ops.seed.staff import Staff

JUDGED = 8
STRICT = (Outcome.DECLINE, Outcome.WAITING, Outcome.REVIEW)
DOUBLES = [  # the second spelling of customers that the demo's deals are about
    ("Hochschule für Technik Stuttgart", "Hochschule Technik Stuttgart", "DE"),
    ("Stadtwerke Flensburg GmbH", "Stadtwerk Flensburg", "DE"),
]
MERGED = ("Compañía Minera Antamina S.A.", "Minera Antamina", "PE")


def seed_learning(staff: Staff, now: datetime) -> int:
    """Answers how many pairs were judged. Everything by the deal desk, through the services."""
    desk = staff.others["deal_desk"]
    judged = _apart(desk, now) + _same(desk, now)
    for known, other, country in DOUBLES:
        for name in (known, other):
            resolve_customer(Identity(name, country=country), by=None, learn=False)
    kept, merged = (resolve_customer(Identity(name, country=MERGED[2]), by=None, learn=False)[0] for name in MERGED[:2])
    if kept and merged and kept != merged:
        merge_customers(kept, merged, by=desk, reason="The import brought the short name.", now=now - timedelta(days=9))
        judged += 1
    propose_model(refit(), by=None)
    return judged


def _apart(desk: User, now: datetime) -> int:
    """Customers of the vendor's pipeline whose names are alike and who are not."""
    pairs = look(None, 3, 1000).doubles[:3]
    for place, pair in enumerate(pairs):
        keep_customers_apart(pair.older, pair.newer, by=desk, now=now - timedelta(days=26 * place + 12))
    return len(pairs)


def _same(desk: User, now: datetime) -> int:
    """What the machine declined or held back is the same customer; each customer once."""
    rows = ConflictCandidate.objects.filter(outcome__in=STRICT, conflict__deal__submitted_at__gt=now - timedelta(days=30))
    rows = rows.exclude(certainty="unlikely").select_related("conflict__deal").order_by("conflict__deal__customer_name", "pk")
    seen: set[str] = set()
    for row in rows:
        deal = row.conflict.deal
        if deal.customer_name in seen or len(seen) >= JUDGED:
            continue
        seen.add(deal.customer_name)
        judge_candidate(get_candidate(desk, deal, row.pk), Judged.SAME, by=desk, now=now - timedelta(hours=len(seen)))
    return len(seen)

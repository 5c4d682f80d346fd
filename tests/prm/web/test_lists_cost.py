"""Every list, on either side of the counter, at one and at three rows: one literal number of queries.

A list of records or a queue that is not in the table fails here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deals.enums import Judged
from deals.models import AccountCheck, Sale
from deals.queries.change import key_facts_of
from deals.rules.policy import PolicyRules
from deals.services.activity import log_activity
from deals.services.change_request import change_key_facts
from deals.services.customer import resolve_customer
from deals.services.extension import ask_extension
from deals.services.join_request import ask_join
from deals.services.merge import merge_customers
from deals.services.policy import publish_policy
from deals.services.protection import win_deal
from deals.services.verdict import record_pair
from partners.models import Absence, Desk, Membership
from partners.services import admin_request, invitation
from prm.catalog.models import Product, Rate
from prm.mail.models import Suppression
from prm.matching import Identity
from prm.record.models import ImportRun
from prm.web.admin_site import site
from programs.models import Tier
from programs.services.tier import assign_tier
from tests.cast import make_member, make_partner, make_staff
from tests.deals.material import approved, draft, opportunity, product, submitted

pytestmark = pytest.mark.django_db
CHANGELISTS = {
    "partners_partner": 8, "partners_membership": 7, "partners_adminrequest": 7, "partners_staffmember": 8, "partners_desk": 7,
    "partners_absence": 7, "programs_tier": 7, "programs_tierassignment": 8, "deals_identityverdict": 7,
    "deals_customermerge": 7, "deals_policy": 7, "deals_deal": 7, "deals_opportunity": 7, "deals_customer": 7, "deals_sale": 7,
    "deals_conflict": 7, "deals_accountcheck": 7, "mail_message": 7, "mail_suppression": 6, "catalog_product": 7,
    "catalog_productfamily": 7, "catalog_rate": 7, "record_importrun": 8, "audit_event": 8,
}  # fmt: skip
QUEUES = {
    "admin:index": 16, "admin:deals_review": 8, "admin:deals_extensions": 8, "admin:deals_changes": 7, "admin:deals_bookings": 7,
    "admin:deals_engine": 9, "admin:deals_doubles": 13,
}  # fmt: skip
FULL = {"audit_event"}  # one more of everything fills its page (tests/prm/ops/test_admin.py tries it)
PORTAL = {"home:home": 11, "deals:list": 7, "deals:pipeline": 5, "partners:team": 8}


def one_more_of_everything(cast, number: int) -> None:
    """A row more in every list."""
    name = f"Werk{number * 7919:05} {['Alpha', 'Beta', 'Gamma'][number % 3]}"
    day = timezone.localdate() + timedelta(days=100 + number)
    submitted(cast.acme, cast.amir, f"{name} Review GmbH")
    draft(cast.acme, cast.amir, f"{name} Draft GmbH")
    win_deal(approved(cast.acme, cast.amir, cast.carla, f"{name} Won GmbH"), by=cast.amir)
    deal = approved(cast.acme, cast.amir, cast.carla, f"{name} Running GmbH")
    log_activity(deal, by=cast.amir, kind="demo", line="Showed it")
    ask_extension(deal, by=cast.amir, reason="They decide in May")
    changed = approved(cast.acme, cast.amir, cast.carla, f"{name} Changing GmbH")
    facts = replace(key_facts_of(changed), customer_name=f"{name} Changed GmbH")
    change_key_facts(changed, facts, by=cast.amir, version=changed.version)
    submitted(cast.acme, cast.amir, f"{name} Joined GmbH")
    ask_join(submitted(cast.initech, cast.dieter, f"{name} Joined GmbH"), by=cast.dieter)
    opportunity(f"{name} Pipeline GmbH", product=product(f"P{number}", f"F{number}"))
    _records(cast, number, name, day)
    _people(cast, number, day)


def _records(cast, number: int, name: str, day: date) -> None:
    Sale.objects.create(
        source="erp", order_ref=f"SO-{number}", line="1", partner=cast.acme, customer_name=name, ordered_on=day,
        net_amount=Decimal(100), currency="USD",
    )  # fmt: skip
    AccountCheck.objects.create(user=cast.amir, partner=cast.acme, customer_name=name, answer="free")
    publish_policy(f"Version {number}", PolicyRules(), None, by=None)
    one, two = Identity(f"{name} Eins GmbH", country="AT"), Identity(f"{name} Zwei GmbH", country="AT")
    kept, merged = resolve_customer(one, by=None)[0], resolve_customer(two, by=None)[0]
    record_pair(one, two, merged, Judged.DIFFERENT, by=cast.dana, now=timezone.now(), source="review")
    third = resolve_customer(Identity(f"{name} Drei Maschinenbau KG", country="AT"), by=None)[0]
    merge_customers(kept, third, by=cast.rita, reason="One and the same")
    for double in ("Seilbahnen GmbH", "Seilbahn GmbH"):
        resolve_customer(Identity(f"{name} {double}", country="AT"), by=None)
    Product.objects.filter(name=f"P{number}").update(reviewed=False)
    Rate.objects.create(day=day, currency="CHF", rate=Decimal("1.1"), source="ECB")
    ImportRun.objects.create(kind="sales", file_name=f"{number}.csv", outcome="loaded")
    Suppression.objects.create(address_hash=f"{number:064}", reason="bounced")
    tier = Tier.objects.create(key=f"tier{number}", name=f"Tier {number}", rank=70 + number)
    assign_tier(make_partner(f"Tiered {number}", cast.acme.partner_type), tier, by=cast.rita, starts_on=day, reason="Sold well")


def _people(cast, number: int, day: date) -> None:
    Absence.objects.create(user=cast.carl, deputy=cast.carla, starts_on=day, ends_on=day)
    company = make_partner(f"More {number}", cast.acme.partner_type)
    person = make_member(f"Max More{number}", company, "sales")
    admin_request.ask(company, candidate=Membership.objects.get(user=person), reason="Gone", by=person)
    make_staff(f"Staff {number}", Desk.objects.create(key=f"desk-{number}", name=f"Desk {number}"), "finance")
    make_member(f"Team Mate{number}", cast.acme, "sales")
    invitation.invite(cast.acme, email=f"new{number}@acme.test", role="sales", by=cast.alice)


def costs(client, user, names) -> dict[str, tuple[int, int]]:
    """Name → (queries, length of the page), once everything that is kept is kept."""
    client.force_login(user)
    found = {}
    for name, address in names.items():
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            response = client.get(address)
        assert response.status_code == 200, name
        found[name] = (len(caught), len(response.content))
    return found


def test_every_list_of_records_stands_in_the_table():
    assert {f"{model._meta.app_label}_{model._meta.model_name}" for model in site._registry} == CHANGELISTS.keys()


def test_one_and_three_rows_cost_the_same(client, cast, settings):
    settings.REQUIRE_STAFF_MFA = False
    staff = {name: reverse(f"admin:{name}_changelist") for name in CHANGELISTS} | {name: reverse(name) for name in QUEUES}
    members = {name: reverse(name) for name in PORTAL}
    one_more_of_everything(cast, 1)
    one = {**costs(client, cast.rita, staff), **costs(client, cast.alice, members)}
    for number in (2, 3):
        one_more_of_everything(cast, number)
    three = {**costs(client, cast.rita, staff), **costs(client, cast.alice, members)}
    assert {name: count for name, (count, _size) in three.items()} == {name: count for name, (count, _size) in one.items()}
    assert {name: count for name, (count, _size) in one.items()} == {**CHANGELISTS, **QUEUES, **PORTAL}
    assert not [name for name in one.keys() - FULL if three[name][1] <= one[name][1] + 100], "the list did not grow"

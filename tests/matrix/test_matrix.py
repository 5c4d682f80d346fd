"""URL × cast: every address, every kind of person, one literal table (matrix.tsv beside this file).

A URL that is missing from the table fails. After a change that is meant: `UPDATE_MATRIX=1 pytest tests/matrix`, then read
the diff line by line, since every number in it is a promise about who may see what.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from deals.models import Opportunity
from deals.queries.change import key_facts_of
from deals.queries.refit import refit
from deals.services import comment, extension
from deals.services.activity import log_activity
from deals.services.change_request import change_key_facts
from deals.services.match_model import propose_model
from deals.services.merge import merge_customers
from deals.services.verdict import keep_customers_apart
from partners.models import AdminRequest, Invitation
from partners.services import contact, invitation
from prm.mail.models import Message
from tests.deals.material import approved, draft, opportunity, submitted

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("matrix.tsv")
WHO = ["anonymous", "amir", "mona", "tom", "alice", "boris", "dieter", "susi", "pat", "carla", "carl", "dana", "sam", "rita"]
CANARY = "Kanarienvogel"
NOBODY = UUID(int=7)
VENDORS_OWN = ("admin:deals_opportunity", "admin:deals_customer")  # the vendor's pipeline and register: open to all its staff


def patterns(rows: list, prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str, URLPattern]]:
    """(name, route, pattern) of every address."""
    for row in rows:
        if isinstance(row, URLResolver):
            inner = (*spaces, row.namespace) if row.namespace else spaces
            yield from patterns(row.url_patterns, prefix + str(row.pattern), inner)
        else:
            yield ":".join([*spaces, row.name or "-"]), prefix + str(row.pattern), row


def addresses() -> dict[str, tuple[str, URLPattern]]:
    """Name (or route, where it has none) → (route, pattern)."""
    found = {}
    for name, route, pattern in patterns(get_resolver().url_patterns):
        found[name if not name.endswith("-") else route] = (route, pattern)
    return found


@pytest.fixture(autouse=True)
def _without_second_factor(settings):
    """The table is about rights; the staff's second factor has tests of its own."""
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def world(cast) -> dict[str, object]:
    """Acme has one row of everything, each with the canary in its text; the table's addresses point at these."""
    deal = approved(cast.acme, cast.amir, cast.carla, f"{CANARY} Werke", project=f"{CANARY} Halle", contact_name=f"{CANARY} Chef")
    log_activity(deal, by=cast.amir, kind="call", line=f"{CANARY} call")
    comment.comment_deal(deal, by=cast.amir, body=f"{CANARY} comment")
    asked = extension.ask_extension(deal, by=cast.amir, reason=f"{CANARY} reason")
    after = replace(key_facts_of(deal), project=f"{CANARY} Turm")
    change = change_key_facts(deal, after, by=cast.amir, version=deal.version, reason=f"{CANARY} moved")
    review = submitted(cast.acme, cast.amir, f"{CANARY} Review AG")
    unsent = draft(cast.acme, cast.amir, f"{CANARY} Entwurf")
    opportunity(f"{CANARY} Prospect KG")
    invitation.invite(cast.acme, email="new@acme.test", role="sales", by=cast.alice, name=CANARY)
    known = contact.add_contact(cast.acme, name=f"{CANARY} Kontakt", email="kontakt@acme.test", by=cast.alice)
    member = cast.amir.memberships.get()
    return {
        "deal": deal,
        "review": review,
        "draft": unsent,
        "extension": asked,
        "change": change,
        "invitation": Invitation.objects.get(),
        "contact": known,
        "member": member,
        "partner": cast.acme,
        "message": Message.objects.filter(partner_id=cast.acme.pk).order_by("pk").first(),
        "opportunity": Opportunity.objects.first(),
        **_learned(cast, deal, review),
        "admin_request": AdminRequest(ref="Q-00000000"),
    }


def _learned(cast, deal, review) -> dict[str, object]:
    """What the duplicate engine was taught: a merge, a word on two customers, a proposed model."""
    spare = [opportunity(f"{CANARY} {name}").customer for name in ("Mühle Nord", "Sägewerk Ost", "Reederei")]
    return {
        "customer": deal.customer,
        "merge": merge_customers(spare[0], spare[1], by=cast.dana, reason=f"{CANARY} is one"),
        "verdict": keep_customers_apart(review.customer, spare[2], by=cast.dana),
        "model": propose_model(refit(), by=None),
    }


REFS = {
    "deals:edit": "draft",
    "deals:delete": "draft",
    "deals:withdraw": "review",
    "deals:": "deal",
    "partners:invitation": "invitation",
    "partners:contact": "contact",
    "partners:member": "member",
    "people:member": "member",
    "admin:deals_book": "deal",
    "admin:deals_extension": "extension",
    "admin:deals_change": "change",
    "admin:deals_review": "review",
    "admin:partners_adminrequest": "admin_request",
    "admin:mail_message": "message",
    "admin:mail_suppression": "message",
    "admin:partners_partner": "partner",
    "admin:partners_membership": "member",
    "admin:deals_customermerge": "merge",
    "admin:deals_identityverdict": "verdict",
    "admin:deals_merge": "merge",
    "admin:deals_model": "model",
    "admin:deals_verdict_withdraw": "verdict",
    "admin:deals_verdict": "review",
    "admin:deals_double_apart": "customer",
    "admin:deals_double": "customer",
    "admin:deals_alias_record": "customer",
    "admin:deals_deal": "deal",
    "admin:deals_opportunity": "opportunity",
}


def address(name: str, pattern: URLPattern, world: dict[str, object], made_up: bool = False) -> str | None:
    """The URL of this name for Acme's row (or for one that does not exist)."""
    kwargs: dict[str, object] = {}
    row = next((world[key] for start, key in REFS.items() if name.startswith(start)), None)
    for argument, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__
        if argument == "ref":
            kwargs[argument] = "X-00000000" if made_up or row is None else row.ref
        elif kind == "UUIDConverter" or argument == "object_id":
            kwargs[argument] = NOBODY if made_up or row is None else row.pk
        else:
            kwargs[argument] = {"kind": "csv", "token": "nothing", "verb": "approve", "url": "nowhere"}.get(argument, "1")
    for argument in getattr(pattern.pattern, "regex", None) and pattern.pattern.regex.groupindex or {}:
        kwargs.setdefault(
            argument,
            {"app_label": "deals", "provider_id": "none", "uidb36": "1", "key": "1-1", "url": "nowhere"}.get(argument, "1"),
        )
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return None


def client_of(cast, who: str) -> Client:
    client = Client(raise_request_exception=True)
    if who != "anonymous":
        client.force_login(getattr(cast, who))
    return client


def observed(cast, world) -> dict[str, list[str]]:
    """Name → status of a GET by each of WHO."""
    clients = {who: client_of(cast, who) for who in WHO}
    skip = {"account_logout", "admin:logout", "admin:view_on_site"}
    found = {}
    for name, (_route, pattern) in addresses().items():
        url = None if name in skip else address(name, pattern, world)
        found[name] = ["-"] * len(WHO) if url is None else [str(clients[who].get(url).status_code) for who in WHO]
    return found


def test_every_address_answers_everybody_as_the_table_says(cast, world):
    found = observed(cast, world)
    found["readyz"] = ["-"] * len(WHO)  # says 503 where no worker runs; tests/prm/ops
    assert not [name for name, codes in found.items() if any(code.startswith("5") for code in codes)]
    if os.environ.get("UPDATE_MATRIX"):
        lines = ["\t".join(["url", *WHO]), *("\t".join([name, *codes]) for name, codes in sorted(found.items()))]
        TABLE.write_text("\n".join(lines) + "\n")
    head, *rows = [line.split("\t") for line in TABLE.read_text().splitlines()]
    assert head == ["url", *WHO]
    table = {row[0]: row[1:] for row in rows}
    assert sorted(found) == sorted(table), "an address is missing from tests/matrix/matrix.tsv, or gone: read the docstring above"
    assert found == table


def test_a_foreign_row_is_byte_equal_to_one_that_does_not_exist(cast, world):
    client = client_of(cast, "boris")
    compared = 0
    for name, (_route, pattern) in addresses().items():
        own, other = address(name, pattern, world), address(name, pattern, world, made_up=True)
        if own is None or own == other or name.startswith("admin:"):
            continue
        for method in (client.get, client.post):
            one, two = method(own), method(other)
            assert (one.status_code, one.content) == (two.status_code, two.content), (name, own)
        compared += 1
    assert compared > 20


def test_the_canary_never_sings_for_a_stranger(cast, world):
    heard = 0
    for who in ("boris", "susi", "pat", "mona", "carl"):
        client = client_of(cast, who)
        for name, (_route, pattern) in addresses().items():
            url = None if name.endswith("logout") else address(name, pattern, world)
            if (
                url is None
                or (who == "mona" and name.startswith("partners:"))
                or (who == "carl" and name.startswith(VENDORS_OWN))
            ):
                continue
            page = client.get(url)
            body = b"".join(page.streaming_content) if page.streaming else page.content
            assert CANARY.encode() not in body, (who, url)
    for who in ("amir", "carla"):
        for url in (reverse("deals:list"), reverse("admin:deals_review")):
            heard += CANARY.encode() in client_of(cast, who).get(url, follow=True).content
    assert heard >= 2, "the canary is there for those it belongs to"

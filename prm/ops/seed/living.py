"""What the demo's people find when they sign in: deals in every state, taken there by the services themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from deals.models import Deal, Opportunity
from deals.queries.clock import calendar_of_partner
from deals.services import activity, comment, decision, extension, protection
from deals.services import deal as deals
from deals.services.deal import DealFacts
from partners.queries.manager import manager_of
from prm.audit.services import told_at
from prm.catalog.models import Product
from prm.core.business_time import Calendar, business_elapsed
from prm.ops.seed.asked import seed_asked
from prm.ops.seed.partners import Network
from prm.ops.seed.staff import Staff
from prm.ops.seed.stage import Stage, facts, submit


def seed_living(network: Network, staff: Staff, products: dict[str, Product], today: date, now: datetime) -> int:
    """Some thirty deals of the showcase partner and its rival; answers how many."""
    partner = network.by_key[network.showcase]
    manager = manager_of(partner)
    stage = Stage(
        partner, network.members[network.showcase, "sales"], manager or staff.rita, network, staff, products, today, now
    )
    before = Deal.objects.count()
    _in_review(stage)
    _waiting(stage)
    _declined(stage)
    seed_asked(stage, _approved(stage))
    _drafts(stage)
    _back_in_time()
    return Deal.objects.count() - before


def _workdays_ago(stage: Stage, days: int) -> float:
    """Hours back to the same hour so many working days ago."""
    calendar, day = Calendar(), stage.today
    while days:
        day -= timedelta(days=1)
        days -= calendar.is_open_on(day)
    return (stage.today - day).days * 24.0


def _nearly_due(stage: Stage) -> float:
    """Hours back to where six of the deciding desk's eight hours have passed since, whatever day of the week it is."""
    calendar, hours = calendar_of_partner(stage.partner), 0.0
    while business_elapsed(calendar, stage.now - timedelta(hours=hours), stage.now) < timedelta(hours=6):
        hours += 0.5
    return hours


def _in_review(stage: Stage) -> None:
    """One late, one due soon, some fresh, one with a question, one unsure, one returned."""
    late = submit(stage, "Kreissparkasse Ostalb", _workdays_ago(stage, 4), city="Aalen")
    comment.comment_deal(late, by=stage.manager, body="Waiting for the direct team to say whether they know them.", internal=True)
    submit(stage, "Molkerei Ammerland eG", _nearly_due(stage), city="Wiefelstede", website="molkerei-ammerland.de")
    submit(stage, "Łódzka Spółka Infrastrukturalna", 5, country="PL", city="Łódź", product="mgspecial", quantity=40)
    submit(stage, "日本精工株式会社", 4, country="JP", city="東京", product="gtxplusbasic")
    submit(stage, "PT Bank Central Asia Tbk", 2, country="ID", city="Jakarta", website="bca.co.id", product="gtxplusbasic")
    asked = submit(stage, "Universidad Nacional de Ingeniería", 26, country="PE", city="Lima", product="mgadvanced")
    decision.ask_question(asked, by=stage.manager, text="Is this for the faculty of mechanics or for the whole university?")
    stale = (
        Opportunity.objects.open().filter(last_activity_on__lt=stage.today - timedelta(days=90)).order_by("external_id").first()
    )
    if stale:
        submit(stage, stale.customer_name, 6, country=str(stale.country or "US"), product=stale.products.get().key)
    returned = submit(stage, "Stadtwerke Flensburg GmbH", 30, city="Flensburg")
    decision.return_deal(returned, by=stage.manager, reason="products", text="How many devices in the first year?")
    comment.comment_deal(returned, by=stage.seller, body="I ask them tomorrow and complete it.")


def _waiting(stage: Stage) -> None:
    """The rival was first, so the showcase partner waits; and one way round."""
    rival, person = stage.network.by_key[stage.network.rival], stage.network.members[stage.network.rival, "sales"]
    submit(stage, "Flughafen Friedrichshafen GmbH", 8, by=person, partner=rival, city="Friedrichshafen")
    submit(stage, "Flughafen Friedrichshafen", 6, city="Friedrichshafen")
    submit(stage, "Zeppelin Universität gGmbH", 7, city="Friedrichshafen", website="zu.de", product="mgspecial", quantity=120)


def _declined(stage: Stage) -> None:
    """By rule: our own pipeline, a rival's protection, the colleague's deal; by a person: with a reason."""
    fresh = (
        Opportunity.objects.open().filter(last_activity_on__gte=stage.today - timedelta(days=20)).order_by("-external_id").first()
    )
    if fresh:
        submit(stage, fresh.customer_name, 20, country=str(fresh.country or "US"), product=fresh.products.get().key)
    rival, person = stage.network.by_key[stage.network.rival], stage.network.members[stage.network.rival, "sales"]
    held = submit(stage, "Bodensee Schiffsbetriebe GmbH", 400, by=person, partner=rival, city="Konstanz")
    with told_at(stage.now - timedelta(hours=395)) as when:
        decision.approve_deal(held, by=stage.staff.others["deal_desk"], now=when)
    submit(stage, "Bodensee-Schiffsbetriebe GmbH", 28, city="Konstanz")
    refused = submit(stage, "Weingut Robert Weil KG", 60, city="Kiedrich")
    with told_at(stage.now - timedelta(hours=50)) as when:
        decision.decline_deal(refused, by=stage.manager, reason="existing_customer", now=when)


def _approved(stage: Stage) -> list[Deal]:
    """Protections that end soon and later, one with an extension asked, one won and not booked."""
    wanted = [
        ("Hochschule für Technik Stuttgart", 5, {"website": "hft-stuttgart.de", "city": "Stuttgart"}),
        ("Gebrüder Weiss GmbH", 12, {"country": "AT", "city": "Lauterach"}),
        ("Österreichische Bundesforste AG", 25, {"country": "AT", "city": "Purkersdorf", "project": "Waldbrand-Sensorik"}),
        ("Compañía Minera Antamina S.A.", 60, {"country": "PE", "city": "Lima", "product": "mgadvanced"}),
        ("Genossenschaft Migros Ostschweiz", 84, {"country": "CH", "city": "Gossau", "product": "gtxplusbasic"}),
        ("Rheinmetall Landsysteme GmbH", 88, {"city": "Unterlüß", "product": "gtk500"}),
    ]
    made = [_approve(stage, name, left, **changes) for name, left, changes in wanted]
    for deal in made[:3]:
        activity.log_activity(deal, by=stage.seller, kind="meeting", line="Budget talk with the CFO")
    extension.ask_extension(made[1], by=stage.seller, reason="The board decides in the first week of next month.")
    comment.comment_deal(made[0], by=stage.manager, body="Good work. Tell me when the offer is out.")
    won = _approve(stage, "Klinikum Friedrichshafen GmbH", 70, city="Friedrichshafen", product="mgadvanced")
    protection.win_deal(won, by=stage.seller)
    lost = _approve(stage, "Stadler Rail AG", 50, country="CH", city="Bussnang")
    protection.lose_deal(lost, by=stage.seller, reason="price")
    distributor = stage.network.by_key[stage.network.distributor]
    _approve(stage, "Hansestadt Stralsund", 45, city="Stralsund", distributor=distributor, product="mgspecial", quantity=200)
    return made


def _approve(stage: Stage, customer: str, days_left: int, **changes: Any) -> Deal:
    """Approved so long ago that so many of its ninety days are left."""
    hours = (90 - days_left) * 24 + 3.0
    deal = submit(stage, customer, hours, **changes)
    until = stage.today + timedelta(days=days_left)
    with told_at(stage.now - timedelta(hours=hours - 2)) as when:
        return decision.approve_deal(deal, by=stage.manager, protected_until=until, now=when)


def _drafts(stage: Stage) -> None:
    deals.create_draft(
        stage.partner, facts(stage, "Technische Universität Ilmenau", city="Ilmenau", website="tu-ilmenau.de"), by=stage.seller
    )
    deals.create_draft(stage.partner, DealFacts(customer_name="Bäckerei Schüren"), by=stage.seller)


def _back_in_time() -> None:
    """Lists sort by the day a deal came in: that of its submission, not of the seeding."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deals_participant SET sort_at = submitted_at WHERE submitted_at IS NOT NULL;"
            "UPDATE deals_deal SET created_at = submitted_at WHERE submitted_at IS NOT NULL;"
            "UPDATE deals_conflict c SET created_at = d.submitted_at FROM deals_deal d WHERE d.id = c.deal_id "
            "AND d.submitted_at IS NOT NULL AND NOT EXISTS (SELECT FROM deals_changerequest r WHERE r.conflict_id = c.id)"
        )

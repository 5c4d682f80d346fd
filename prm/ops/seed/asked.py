"""What is asked and said on the showcase partner's deals: changes, a company that wants to join, account checks, comments."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

from PIL import Image, ImageDraw

from deals.enums import DealStatus
from deals.models import ChangeRequest, Deal
from deals.queries.change import key_facts_of
from deals.services import comment
from deals.services.account import check_account, watch_account
from deals.services.change_request import accept_change, change_key_facts
from deals.services.join_request import ask_join
from partners.services.photo import set_photo
from prm.audit.services import told_at
from prm.matching import Identity
from prm.ops.seed.stage import Stage, submit


def seed_asked(stage: Stage, approved: list[Deal]) -> None:
    """`approved`: the showcase partner's protected deals, the first to end in front."""
    _changes(stage, approved)
    _join(stage, approved[1])
    _checks(stage)
    _talk(stage, approved)
    set_photo(stage.manager, _drawn("#4a6fa5", "#f2d3b3", "#24344d"), by=stage.manager)


def _drawn(ground: str, skin: str, clothes: str) -> io.BytesIO:
    """A head and shoulders, so that the place of a photo has one."""
    picture = Image.new("RGB", (640, 640), ground)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((100, 400, 540, 900), fill=clothes)
    pen.ellipse((210, 120, 430, 390), fill=skin)
    out = io.BytesIO()
    picture.save(out, "PNG")
    out.seek(0)
    return out


def _changes(stage: Stage, approved: list[Deal]) -> None:
    """One waits for the manager, one was accepted."""
    moved, larger = approved[-2:]
    _change(stage, moved, "They build in Winterthur now; the project stays the same.", 5, city="Winterthur")
    known = key_facts_of(larger)
    lines = tuple(replace(line, quantity=line.quantity * 2, amount=line.amount and line.amount * 2) for line in known.lines)
    amount = known.amount and known.amount * 2
    asked = _change(stage, larger, "A second plant joins the tender.", 30, lines=lines, amount=amount)
    with told_at(stage.now - timedelta(hours=26)) as when:
        accept_change(asked, by=stage.manager, text="Good news. The protection stands as it is.", now=when)


def _change(stage: Stage, deal: Deal, reason: str, hours: float, **facts: Any) -> Any:
    row = Deal.objects.select_related("partner").get(pk=deal.pk)
    wanted = replace(key_facts_of(row), **facts)
    with told_at(stage.now - timedelta(hours=hours)) as when:
        asked = change_key_facts(row, wanted, by=stage.seller, version=row.version, reason=reason, now=when)
    if asked:
        ChangeRequest.objects.filter(pk=asked.pk).update(created_at=when)
    return asked


def _join(stage: Stage, deal: Deal) -> None:
    """The distributor registered what its reseller has, and asks to take part."""
    distributor, person = (
        stage.network.by_key[stage.network.distributor],
        stage.network.members[stage.network.distributor, "sales"],
    )
    again = submit(stage, deal.customer_name, 9, by=person, partner=distributor, country=str(deal.country), city=deal.city)
    if again.status == DealStatus.DECLINED and again.reason == "linked_deal":
        ask_join(again, by=person)


def _checks(stage: Stage) -> None:
    """Free, taken and watched: what the seller asked before the long form."""
    asked = [
        ("Stadtwerke Konstanz GmbH", "stadtwerke-konstanz.de", "DE", 70),
        ("Bodensee-Schiffsbetriebe GmbH", "", "DE", 29),
        ("Vorarlberger Kraftwerke AG", "", "AT", 4),
    ]
    for name, domain, country, hours in asked:
        identity = Identity(name=name, domain=domain, country=country)
        check_account(identity, by=stage.seller, partner=stage.partner, now=stage.now - timedelta(hours=hours))
    taken = Deal.objects.filter(partner=stage.partner, customer_name="Bodensee-Schiffsbetriebe GmbH").first()
    if taken and taken.customer:
        watch_account(taken.customer, taken.customer_name, by=stage.seller, partner=stage.partner)


def _talk(stage: Stage, approved: list[Deal]) -> None:
    """Shared between both sides, and internal to the vendor."""
    first, second, third = approved[:3]
    comment.comment_deal(first, by=stage.seller, body="The offer goes out on Thursday. Can you join the call on Friday?")
    comment.comment_deal(first, by=stage.manager, body="Friday at ten is fine.")
    comment.comment_deal(second, by=stage.manager, body="Their purchasing knows us from Lindau; go easy on price.", internal=True)
    comment.comment_deal(third, by=stage.seller, body="Sensors tested in the field, the foresters liked them.")
    comment.comment_deal(
        third, by=stage.staff.others["deal_desk"], body="Check the frequency licence for Austria.", internal=True
    )

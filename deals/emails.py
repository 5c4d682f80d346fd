"""One function per mail of the deals app; each queues, none sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from deals.enums import DeclinedKind, MatchedKind, OpportunityState
from deals.models import ChangeRequest, Conflict, ConflictCandidate, Deal, Extension, FreeWatch, JoinRequest
from deals.queries.change import shown
from deals.queries.detail import check_in_words, last_conflict
from partners.models import User
from partners.queries.manager import decider_of, lead_of, manager_of, staff_with
from prm.mail.services import queue


def _page(name: str, *args: str) -> str:
    """The full address of one of our pages."""
    return settings.SITE_URL.rstrip("/") + reverse(name, args=args)


def _when_read(words: Callable[[], Any]) -> Callable[[], Any]:
    """For a template, which calls it: words made once per language, in the language of whom the mail is for."""
    made: dict[str | None, Any] = {}

    def read() -> Any:
        language = get_language()
        if language not in made:
            made[language] = words()
        return made[language]

    return read


def _to_partner(
    template: str, deal: Deal, *, dedupe: str = "", nudge: bool = False, also: User | None = None, **context: object
) -> None:
    """To the colleague who owns the deal, and to who registered it (`also`: who asked) where that is someone else."""
    people = {user.pk: user for user in (deal.owner, deal.registered_by, also) if user is not None}
    for user in people.values():
        link = _page("deals:detail", deal.ref)
        values = {"deal": deal, "manager": manager_of(deal.partner), "link": link, **context}
        key = f"{deal.pk}:{deal.version}:{dedupe}" if dedupe else None
        queue(f"deals.{template}", to=user, context=values, partner=deal.partner, obj=deal, dedupe=key, nudge=nudge)


def _to_staff(template: str, deal: Deal, user: User | None, *, dedupe: str, **context: object) -> None:
    if user is not None:
        values = {"deal": deal, "link": _page("admin:deals_review_deal", deal.ref), **context}
        queue(f"deals.{template}", to=user, context=values, obj=deal, dedupe=f"{deal.pk}:{deal.version}:{dedupe}")


def deal_received(deal: Deal) -> None:
    """We have it: in review until when, or waiting behind an earlier registration."""
    _to_partner("deal_received", deal, dedupe=f"received:{deal.status}")


def deal_declined(deal: Deal) -> None:
    """Declined: by which rule and fields and when it may free up, or by whom and why. Never who holds the account."""
    by_rule = deal.declined_kind == DeclinedKind.DUPLICATE
    check = _when_read(lambda: check_in_words(deal, last_conflict(deal))) if by_rule else None
    _to_partner("deal_declined", deal, dedupe="declined", check=check)


def deal_returned(deal: Deal) -> None:
    """Sent back for information: what is asked and until when."""
    _to_partner("deal_returned", deal, dedupe="returned")


def deal_question(deal: Deal, question: str) -> None:
    """The desk asks something; the clock stands until the answer."""
    _to_partner("deal_question", deal, question=question)


def deal_approved(deal: Deal) -> None:
    """Approved: protected for what and until when."""
    _to_partner("deal_approved", deal, dedupe="approved")


def deal_expiring(deal: Deal, days: int, step: int) -> None:
    """The window ends in so many days; `step` is the rung of the reminder ladder, written once per window."""
    _to_partner("deal_expiring", deal, dedupe=f"expiring:{deal.protected_until}:{step}", nudge=True, days=days)


def deal_expired(deal: Deal) -> None:
    """The window has ended."""
    _to_partner("deal_expired", deal, dedupe="expired")


def extension_decided(extension: Extension) -> None:
    """More time: granted until when, or refused and why."""
    _to_partner("extension_decided", extension.deal, dedupe=f"extension:{extension.pk}", extension=extension)


def change_received(change: ChangeRequest) -> None:
    """A change of key facts is in review until when; the old terms stand."""
    _to_partner(
        "change_received",
        change.deal,
        also=change.asked_by,
        dedupe=f"change:{change.pk}",
        change=change,
        shown=_when_read(lambda: shown([change])[0]),
    )


def change_decided(change: ChangeRequest) -> None:
    """A change of key facts: accepted, declined and why, or declined at once as a duplicate and by which rule and fields."""
    key = f"change:{change.pk}:{change.status}"
    words = _when_read(lambda: shown([change])[0])
    _to_partner("change_decided", change.deal, also=change.asked_by, dedupe=key, change=change, shown=words)


def change_in_queue(change: ChangeRequest) -> None:
    """To the decider: a change of key facts to decide, due when."""
    deal = change.deal
    decider = decider_of(deal.partner)
    link = _page("admin:deals_change", change.ref)
    for user in [decider] if decider else staff_with("deal_desk"):
        _to_staff("change_in_queue", deal, user, dedupe=f"change:{change.pk}", change=change, link=link)


def join_asked(join: JoinRequest) -> None:
    """To the owner's people: a company you work with asks to take part in your deal."""
    _to_partner("join_asked", join.deal, dedupe=f"join:{join.pk}", join=join)


def join_decided(join: JoinRequest) -> None:
    """To who asked: you take part now, or you do not."""
    deal = join.deal if join.status == "accepted" else join.declined
    context = {"join": join, "declined": join.declined, "link": _page("deals:detail", deal.ref)}
    key = f"{join.pk}:{join.status}"
    queue("deals.join_decided", to=join.asked_by, context=context, partner=join.partner, obj=join, dedupe=key)


def deal_won(deal: Deal) -> None:
    """Congratulations, and what makes it count: a booked sale."""
    _to_partner("deal_won", deal, dedupe="won")


def deal_in_queue(deal: Deal) -> None:
    """To the decider: something new to decide, due when."""
    people = [decider_of(deal.partner)] if decider_of(deal.partner) else staff_with("deal_desk")
    for user in people:
        _to_staff("deal_in_queue", deal, user, dedupe="queue")


def clock_about_to_breach(deal: Deal) -> None:
    """To the decider: the time runs out."""
    _to_staff("clock_about_to_breach", deal, decider_of(deal.partner), dedupe="about_to_breach")


def clock_breached(deal: Deal) -> None:
    """To the channel lead: late, please see to it."""
    manager = manager_of(deal.partner)
    lead = lead_of(manager) if manager else None
    for user in [lead] if lead else staff_with("deal_desk"):
        _to_staff("clock_breached", deal, user, dedupe="breached")


def opportunity_owners_told(deal: Deal, conflict: Conflict | None = None) -> None:
    """To the vendor's own people who work matching opportunities: protected, for what, until when, whom to call."""
    conflict = conflict or last_conflict(deal)
    if conflict is None:
        return
    rows = ConflictCandidate.objects.filter(
        conflict=conflict,
        kind=MatchedKind.OPPORTUNITY,
        opportunity__state=OpportunityState.OPEN,
        certainty__in=["certain", "likely"],
    ).exclude(opportunity__owner_email="")
    for row in rows.select_related("opportunity"):
        opportunity = row.opportunity
        context = {"deal": deal, "opportunity": opportunity, "manager": manager_of(deal.partner)}
        key = f"{deal.pk}:{deal.version}:{opportunity.pk}"
        queue("deals.opportunity_protected", to=opportunity.owner_email, context=context, obj=deal, dedupe=key)


def account_is_free(watch: FreeWatch, freed_on: date) -> None:
    """ "Tell me when it is free": now it is."""
    link = f"{_page('deals:new')}?{urlencode({'customer': watch.customer_name})}"
    context = {"watch": watch, "freed_on": freed_on, "link": link}
    queue(
        "deals.account_is_free",
        to=watch.user,
        context=context,
        partner=watch.partner,
        obj=watch,
        dedupe=str(watch.pk),
        nudge=True,
    )

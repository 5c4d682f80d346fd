"""What every step of a deal's life owes: its events, its mails, its decider; and what must hold between the deals."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from django.db import connection

from deals.enums import DEAL_STEPS, UNDECIDED, DealStatus, ProtectionEffect
from deals.models import ChangeRequest, Deal, Extension, JoinRequest, ProtectedLine
from deals.queries.conflict import products_of
from partners.models import Membership, User
from partners.queries.manager import decider_of, lead_of, manager_of, staff_with
from prm.audit.models import Event
from prm.mail.models import Message
from prm.ops.invariants import problems

TABLES = (
    "deals_deal",
    "deals_participant",
    "deals_dealline",
    "deals_customercontact",
    "deals_protectedline",
    "deals_clockrun",
    "deals_extension",
    "deals_changerequest",
    "deals_joinrequest",
    "deals_activity",
    "deals_conflict",
    "deals_conflictcandidate",
    "deals_customer",
    "deals_customeralias",
    "deals_freewatch",
    "record_comment",
    "audit_event",
    "mail_message",
)
DIGEST = " UNION ALL ".join(
    f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {table} AS t" for table in TABLES
)
MOVES = {step.event: step for step in DEAL_STEPS.values() if step.target is not None}
BY_PERSON = {
    "deals.deal.approved",
    "deals.deal.declined",
    "deals.deal.returned",
    "deals.deal.question_asked",
    "deals.extension.granted",
    "deals.extension.refused",
    "deals.change_request.accepted",
    "deals.change_request.declined",
}
BY_NOBODY = {
    "deals.deal.approved_by_rule",
    "deals.deal.declined_duplicate",
    "deals.deal.waiting",
    "deals.deal.in_review",
    "deals.deal.expired",
    "deals.deal.lapsed",
    "deals.deal.escalated",
    "deals.change_request.declined_duplicate",
}
TO_PARTNER = {
    "deals.deal.waiting": "deal_received",
    "deals.deal.in_review": "deal_received",
    "deals.deal.declined_duplicate": "deal_declined",
    "deals.deal.declined": "deal_declined",
    "deals.deal.returned": "deal_returned",
    "deals.deal.question_asked": "deal_question",
    "deals.deal.approved": "deal_approved",
    "deals.deal.approved_by_rule": "deal_approved",
    "deals.deal.expired": "deal_expired",
    "deals.deal.won": "deal_won",
    "deals.deal.won_late": "deal_won",
}
ROWS = {"deals.deal": Deal, "deals.extension": Extension, "deals.changerequest": ChangeRequest, "deals.joinrequest": JoinRequest}


def digest() -> list[tuple[str, str]]:
    """Every row that a step could touch."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST)
        return cursor.fetchall()


class Before:
    """The rows as they were before a step, and what is new after it."""

    def __init__(self) -> None:
        self.statuses = dict(Deal.objects.values_list("pk", "status"))
        self.events = list(Event.objects.values_list("pk", flat=True))
        self.mails = list(Message.objects.values_list("pk", flat=True))

    def new_events(self) -> list[Event]:
        return list(Event.objects.exclude(pk__in=self.events).order_by("pk"))

    def new_mails(self) -> list[Message]:
        return list(Message.objects.exclude(pk__in=self.mails).order_by("pk"))


def owed_events(before: Before, events: list[Event]) -> None:
    """The events of each deal are a path of its step table from the status it had to the status it has."""
    found = dict(before.statuses)
    for event in events:
        if event.name == "deals.deal.drafted":
            found[_pk(event)] = DealStatus.DRAFT
        elif event.name == "deals.deal.draft_deleted":
            assert found.pop(_pk(event)) == DealStatus.DRAFT
        elif event.name in MOVES:
            step, status = MOVES[event.name], found[_pk(event)]
            behind_another = step.name == "wait" and status == DealStatus.WAITING
            assert status in step.sources or behind_another, f"{event.name} from {status}"
            found[_pk(event)] = step.target
    assert found == dict(Deal.objects.values_list("pk", "status")), "a status changed without its event"


def owed_deciders(events: list[Event]) -> None:
    """A person of the vendor decides, never one of a partner in the deal; what a rule or a sweep did names nobody."""
    for event in events:
        if event.name in BY_PERSON:
            person = User.objects.get(pk=event.actor_id)
            deal = _deal_of(event)
            partners = {deal.partner_id, *deal.participants.values_list("partner_id", flat=True)}
            assert person.is_staff and person.is_active
            assert person.pk not in (deal.registered_by_id, deal.owner_id)
            assert not Membership.objects.filter(user=person, partner__in=partners).exclude(status="removed").exists()
        elif event.name in BY_NOBODY:
            assert (event.actor_kind, event.actor_id) == ("system", "")


def owed_mails(events: list[Event], mails: list[Message], *, reminders: tuple[str, ...] = ()) -> None:
    """Exactly one mail for each that is due, to each of those it is for, and no other. `reminders` have no event."""
    due: Counter[tuple[str, str]] = Counter()
    names = {event.name for event in events}
    behind_another = {_pk(e) for e in events if e.name == "deals.deal.waiting"} - {
        _pk(e) for e in events if e.name == "deals.deal.submitted"
    }
    for event in events:
        if not (event.name == "deals.deal.waiting" and _pk(event) in behind_another):
            due.update(_due(event, names))
    found = Counter((mail.template, str(mail.recipient_id)) for mail in mails if mail.template not in reminders)
    assert found == due


def _due(event: Event, names: set[str]) -> list[tuple[str, str]]:
    if event.name in TO_PARTNER:
        deal = _deal_of(event)
        rows = _to(TO_PARTNER[event.name], deal.owner, deal.registered_by)
        return rows + (_to("deal_in_queue", *_deciders(deal)) if event.name == "deals.deal.in_review" else [])
    if event.name == "deals.deal.escalated":
        deal = _deal_of(event)
        manager = manager_of(deal.partner)
        lead = lead_of(manager) if manager else None
        return _to("clock_breached", *([lead] if lead else staff_with("deal_desk")))
    if event.name.startswith("deals.extension.") and event.name.endswith((".granted", ".refused")):
        deal = _deal_of(event)
        return _to("extension_decided", deal.owner, deal.registered_by)
    if event.name.startswith("deals.change_request."):
        return _due_for_change(event, names)
    if event.name.startswith("deals.join_request."):
        return _due_for_join(event)
    return []


def _due_for_change(event: Event, names: set[str]) -> list[tuple[str, str]]:
    change = ChangeRequest.objects.get(pk=event.object_id)
    people = (change.deal.owner, change.deal.registered_by, change.asked_by)
    if event.name.endswith(".withdrawn"):
        return []
    if not event.name.endswith(".asked"):
        return _to("change_decided", *people)
    if "deals.change_request.declined_duplicate" in names:
        return []
    return _to("change_received", *people) + _to("change_in_queue", *_deciders(change.deal))


def _due_for_join(event: Event) -> list[tuple[str, str]]:
    join = JoinRequest.objects.get(pk=event.object_id)
    if event.name.endswith(".asked"):
        return _to("join_asked", join.deal.owner, join.deal.registered_by)
    return [] if event.name.endswith(".withdrawn") else _to("join_decided", join.asked_by)


def _to(template: str, *people: User) -> list[tuple[str, str]]:
    return [(f"deals.{template}", str(pk)) for pk in {person.pk for person in people}]


def _deciders(deal: Deal) -> list[User]:
    decider = decider_of(deal.partner)
    return [decider] if decider else list(staff_with("deal_desk"))


def _pk(event: Event):
    return ROWS["deals.deal"]._meta.pk.to_python(event.object_id)


def _deal_of(event: Event) -> Deal:
    row = ROWS[event.noun].objects.get(pk=event.object_id)
    return row if isinstance(row, Deal) else row.deal


def sound() -> None:
    """What holds between the deals after every step."""
    broken = problems()
    assert not broken, "; ".join(map(str, broken))
    deals = list(Deal.objects.prefetch_related("lines__product", "protected_lines", "change_requests"))
    for deal in deals:
        assert deal.days_credited <= 30
        assert deal.status == DealStatus.APPROVED or not deal.protected_lines.all(), f"{deal.status} and still protected"
        if deal.status == DealStatus.WAITING:
            _waits_behind_an_earlier(deal)
    _one_holder()
    undecided = [deal for deal in deals if deal.status in UNDECIDED]
    for one, two in combinations(undecided, 2):
        if _same(one, two):
            assert DealStatus.WAITING in (one.status, two.status), f"{one.status} and {two.status}: both lead"
    _nobody_behind_a_later_approval(deals)


def _waits_behind_an_earlier(deal: Deal) -> None:
    front = deal.waits_for
    changes = front.change_requests.filter(status="in_review", created_at__lt=deal.submitted_at)
    earlier = front.status in UNDECIDED and front.submitted_at < deal.submitted_at
    assert earlier or changes.exists(), f"waits behind {front.status}"


def _one_holder() -> None:
    held = Counter(ProtectedLine.objects.filter(deal__status="approved").values_list("customer", "site_key", "product"))
    assert not [key for key, count in held.items() if count > 1]


def _nobody_behind_a_later_approval(deals: list[Deal]) -> None:
    """Nothing undecided leads that was submitted after an exclusive protection of the same had begun."""
    holders = [d for d in deals if d.status == DealStatus.APPROVED and d.effect == ProtectionEffect.EXCLUSIVE]
    for holder in holders:
        for deal in deals:
            if deal.status == DealStatus.IN_REVIEW and deal.pk != holder.pk and _same(deal, holder):
                assert deal.submitted_at < holder.decided_at, "in review although it is protected for somebody else"


def _same(one: Deal, two: Deal) -> bool:
    """Certainly the same customer and place, and products that overlap: the machine's names leave no other case."""
    same = (one.customer_id, one.city, one.project) == (two.customer_id, two.city, two.project)
    goods = [products_of(line.product for line in deal.lines.all()) for deal in (one, two)]
    return same and one.nature == two.nature == "new" and goods[0].overlap(goods[1])

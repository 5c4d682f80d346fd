"""The table of planted faults: which guard is taken away, and which tests must turn red then.

`old` must stand exactly once in its file; change it here together with the code. A fault in SQL takes a guard of the
database away instead: `trigger` (table, name begins with) or `constraint` (table, name).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One guard less. `tests`: what pytest is given; at least one of them must fail."""

    name: str
    tests: str
    file: str = ""
    old: str = ""
    new: str = ""
    trigger: tuple[str, str] | None = None
    constraint: tuple[str, str] | None = None


DEALS = "tests/deals"
FAULTS = [
    # -- who sees what
    Fault(
        "the door to deals lets everybody in",
        f"{DEALS}/views/test_deal.py",
        "deals/queries/deal.py",
        "deal = one_or_not_visible(visible_deals(user)",
        "deal = one_or_not_visible(Deal.objects.all()",
    ),
    Fault(
        "the deals list shows the other company's rows of somebody who is in both",
        f"{DEALS}/views/test_list_tenants.py",
        "deals/views/list.py",
        "visible_participants(request.user).filter(partner=partner)",
        "visible_participants(request.user)",
    ),
    Fault(
        "the deals list begins at everybody's rows",
        f"{DEALS}/queries/test_deal.py",
        "deals/queries/deal.py",
        "rows = scope.narrow(Participant.objects.all())",
        "rows = Participant.objects.all()",
    ),
    Fault(
        "sales see their colleagues' deals although the partner says own only",
        f"{DEALS}/views/test_list.py",
        "deals/queries/deal.py",
        "rows = rows.filter(~Q(partner__in=scope.own_only) | mine)",
        "rows = rows.filter()",
    ),
    Fault(
        "a participant sees the owner's draft",
        f"{DEALS}/queries/test_deal.py",
        "deals/queries/deal.py",
        "return rows.exclude(~Q(role=ParticipantRole.OWNER) & Q(status=DealStatus.DRAFT))",
        "return rows",
    ),
    Fault(
        "the download holds every row instead of the filtered ones",
        f"{DEALS}/views/test_list.py",
        "deals/views/list.py",
        'found = list_rows(in_group(rows, request.GET.get("status", ""), mine))',
        "found = list_rows(rows.model.objects.all())",
    ),
    Fault(
        "the review queue shows every partner's deals to every manager",
        f"{DEALS}/admin/test_review.py",
        "deals/queries/review.py",
        "return scope_for(user, Perm.REVIEW_DEALS).narrow(Deal.objects.filter(status=status))",
        "return Deal.objects.filter(status=status)",
    ),
    Fault(
        "the door of the staff's deal page is open",
        f"{DEALS}/queries/test_review.py",
        "deals/queries/review.py",
        "return scope_for(user, Perm.VIEW_DEALS).narrow(Deal.objects.exclude(status=DealStatus.DRAFT))",
        "return Deal.objects.exclude(status=DealStatus.DRAFT)",
    ),
    Fault(
        "the duplicate checks of other managers' partners stand in the admin list",
        f"{DEALS}/admin/test_records.py",
        "deals/admin/records.py",
        'return scope_for(user, Perm.VIEW_DEALS).narrow(Conflict.objects.all(), "deal__partner")',
        "return Conflict.objects.all()",
    ),
    Fault(
        "sales of other managers' partners stand in the admin list",
        f"{DEALS}/admin/test_records_tenants.py",
        "deals/admin/records.py",
        "return scope_for(user, Perm.VIEW_DEALS).narrow(Sale.objects.all())",
        "return Sale.objects.all()",
    ),
    Fault(
        "members of other managers' partners stand in the admin list",
        "tests/partners/admin/test_tenancy.py",
        "partners/admin.py",
        'scope_for(user).narrow(Membership.objects.select_related("user", "partner"))',
        'Membership.objects.select_related("user", "partner")',
    ),
    Fault(
        "a suspended member keeps access",
        "tests/partners/rules/test_access_ended.py",
        "partners/rules/access.py",
        "Membership.objects.filter(user=user, status=MembershipStatus.ACTIVE, partner__status__in=REACHABLE)",
        "Membership.objects.filter(user=user, partner__status__in=REACHABLE)",
    ),
    Fault(
        "what may not be seen is answered with a 403 that gives it away",
        "tests/prm/web/test_floor.py",
        "prm/web/middleware.py",
        "return errors.not_found(request)",
        "return errors.not_allowed(request, NotAllowed([]))",
    ),
    Fault(
        "internal comments reach the partner's timeline",
        f"{DEALS}/views/test_deal.py",
        "deals/queries/timeline.py",
        "comments_of(deal, include_internal=staff)",
        "comments_of(deal, include_internal=True)",
    ),
    # -- who does what
    Fault(
        "a rule that says no is not heard",
        f"{DEALS}/views/test_deal.py",
        "prm/web/guards.py",
        "        if not answer:\n            raise Refused",
        "        if not answer:\n            return",
    ),
    Fault(
        "registering needs no right",
        f"{DEALS}/views/test_register.py",
        "deals/views/register.py",
        "    require(why_not_register(request.user, partner))",
        "    why_not_register(request.user, partner)",
    ),
    Fault(
        "the acts on a deal need no right",
        f"{DEALS}/views/test_deal.py",
        "deals/views/acts.py",
        "    require(rule(request.user, deal))",
        "    rule(request.user, deal)",
    ),
    Fault(
        "staff decide deals in which they have an interest",
        f"{DEALS}/services/test_decision.py",
        "deals/rules/deal.py",
        "if user.pk in (deal.registered_by_id, deal.owner_id) or _benefits(user, deal):",
        "if user.pk in (deal.registered_by_id, deal.owner_id):",
    ),
    Fault(
        "who asked for a change accepts it",
        f"{DEALS}/services/test_change_request.py",
        "deals/rules/change.py",
        "    if change.asked_by_id == user.pk:",
        "    if False:",
    ),
    Fault(
        "the last admin may leave",
        "tests/partners/services/test_membership.py",
        "partners/services/team_lock.py",
        "if is_admin and not count_other_admins(membership):",
        "if False:",
    ),
    Fault(
        "an old page overwrites what a colleague saved",
        f"{DEALS}/services/test_activity.py",
        "deals/services/activity.py",
        "row.status != DealStatus.APPROVED or row.version != facts.version",
        "row.status != DealStatus.APPROVED",
    ),
    # -- at the same instant
    Fault(
        "no identity locks",
        f"{DEALS}/services/test_deal_race.py",
        "deals/services/customer.py",
        "    wanted = sorted(buckets)\n",
        "    wanted: list[int] = []\n",
    ),
    Fault(
        "no team lock",
        "tests/partners/services/test_membership.py",
        "partners/services/team_lock.py",
        'Partner.objects.select_for_update(of=("self",), no_key=True).get(pk=partner_id)',
        "Partner.objects.get(pk=partner_id)",
    ),
    Fault(
        "a step does not look at the status",
        "tests/prm/core/test_states.py",
        "prm/core/states.py",
        'if not rows.filter(**{f"{step.field}__in": step.sources}).update(**values):',
        "if not rows.update(**values):",
    ),
    Fault(
        "a deal is booked without its step",
        f"{DEALS}/services/test_booking.py",
        "deals/services/booking.py",
        '    take(DEAL_STEPS["book"], deal, order_ref=order)',
        '    Deal.objects.filter(pk=deal.pk).update(status="booked", order_ref=order)',
    ),
    Fault(
        "no unique index behind the locks",
        f"{DEALS}/services/test_deal_race.py",
        constraint=("deals_protectedline", "protectedline_one_holder"),
    ),
    Fault(
        "an extension may be asked for twice",
        f"{DEALS}/services/test_extension.py",
        constraint=("deals_extension", "extension_one_pending"),
    ),
    Fault(
        "the database lets a deal take any step",
        "tests/deals/test_enums.py",
        trigger=("deals_deal", "pgtrigger_status_steps"),
    ),
    Fault(
        "the audit trail may be rewritten",
        "tests/prm/audit",
        trigger=("audit_event", "pgtrigger_append_only_rows"),
    ),
    Fault(
        "the database lets somebody decide what they registered",
        f"{DEALS}/services/test_deal_guards.py",
        constraint=("deals_deal", "deal_not_decided_by_registrant"),
    ),
    # -- the duplicate check
    Fault(
        "what is only likely is declined",
        f"{DEALS}/rules/test_conflict.py",
        "deals/rules/conflict.py",
        "    if not certain:\n        return Finding(thing, match, Outcome.REVIEW, _soft_rule(match))",
        '    if match.certainty == "unlikely":\n        return Finding(thing, match, Outcome.REVIEW, _soft_rule(match))',
    ),
    Fault(
        "a stale opportunity blocks",
        f"{DEALS}/rules/test_conflict.py",
        "deals/rules/conflict.py",
        "thing.touched_on < today - timedelta(days=rules.fresh_days)",
        "thing.touched_on < today - timedelta(days=9999)",
    ),
    Fault(
        "the later registration leads",
        f"{DEALS}/rules/test_conflict.py",
        "deals/rules/conflict.py",
        "thing.submitted_at > asking.submitted_at",
        "thing.submitted_at < asking.submitted_at",
    ),
    Fault(
        "who waits behind a waiting one is forgotten",
        f"{DEALS}/services/test_waiting.py",
        "deals/services/waiting.py",
        'decline_as_duplicate(other, "earlier_approved", now=now)\n        advance_waiting(other, now=now)',
        'decline_as_duplicate(other, "earlier_approved", now=now)',
    ),
    Fault(
        "no limit on questions whether an account is free",
        f"{DEALS}/services/test_account.py",
        "deals/queries/account.py",
        "return asked in self.known or len(self.known) < self.allowed",
        "return True",
    ),
    Fault(
        "the vendor's late days have no bound",
        f"{DEALS}/services/test_protection.py",
        "deals/services/protection.py",
        "min(clock.days_late, rules.credit_days_at_most)",
        "clock.days_late",
    ),
    # -- mail and files
    Fault(
        "a mail is acknowledged before it is sent",
        "tests/prm/mail/test_delivery.py",
        "prm/mail/services/delivery.py",
        "        outcome = wire.send(email_of(message))\n",
        "        settle(message, Outcome(Result.SENT), timezone.now())\n        outcome = wire.send(email_of(message))\n",
    ),
    Fault(
        "the broker is told that work is done before it is",
        "tests/prm/test_settings.py",
        "prm/settings.py",
        "CELERY_TASK_ACKS_LATE = True",
        "CELERY_TASK_ACKS_LATE = False",
    ),
    Fault(
        "two workers take the same mail",
        "tests/prm/mail/test_race.py",
        "prm/mail/services/delivery.py",
        'list(due.select_for_update(of=("self",), skip_locked=True)[:at_most])',
        "list(due[:at_most])",
    ),
    Fault(
        "the same mail is written twice",
        "tests/prm/mail/test_outbox.py tests/prm/mail/test_race.py",
        "prm/mail/services/outbox.py",
        ".encode()).hexdigest() if dedupe else None",
        ".encode()).hexdigest() if False else None",
    ),
    Fault(
        "a name or domain is recorded for one customer that is another's",
        f"{DEALS}/services/test_alias.py",
        "deals/services/alias.py",
        "    _require_free(row, Facts.of(asked))",
        "    Facts.of(asked)",
    ),
    Fault(
        "what a verdict or a merge taught is taken back as if it was recorded by hand",
        f"{DEALS}/services/test_alias.py",
        "deals/services/alias.py",
        "    if row.recorded_by_id is None:",
        "    if row.recorded_by_id == 0:",
    ),
    Fault(
        "who unsubscribed is written to all the same",
        "tests/prm/mail/test_unsubscribe.py tests/prm/mail/test_recipients.py",
        "prm/mail/queries.py",
        "    if message.nudge and unwanted & ",
        "    if not message.nudge and unwanted & ",
    ),
    Fault(
        "a token stays readable in the outbox",
        "tests/prm/mail/test_delivery.py",
        "prm/mail/services/delivery.py",
        "MailBody.objects.filter(pk=message.pk).update(**BLANK, emptied_at=now)",
        "MailBody.objects.filter(pk=message.pk).update(emptied_at=now)",
    ),
    Fault(
        "a cell that begins like a formula is written as it is",
        "tests/prm/web/test_export.py",
        "prm/web/export.py",
        """return f"'{text}" if text.startswith(DANGEROUS) else text""",
        "return text",
    ),
]

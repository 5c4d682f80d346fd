"""What must hold between the rows, whatever happened: read by `manage.py check_invariants`, after seeding and in tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from deals.enums import (
    CHANGE_REQUEST_STEPS,
    DEAL_STEPS,
    EXTENSION_STEPS,
    JOIN_REQUEST_STEPS,
    MERGE_STEPS,
    MODEL_STEPS,
    OPEN,
    UNDECIDED,
    VERDICT_STEPS,
)
from deals.models import Customer, Deal, TokenCount
from deals.models.deal import mirror_values
from deals.queries.conflict import identity_of_customer
from partners.enums import INVITATION_STEPS, MEMBERSHIP_STEPS, PARTNER_STEPS, Role
from partners.rules import ROLE_PERMISSIONS
from prm.audit.services import noun_of
from prm.core.money import minor_digits
from prm.core.states import StepTable
from prm.mail.enums import MESSAGE_STEPS
from prm.matching import Frequency, identity_keys

EXAMPLES = 5
STATUSES: dict[str, StepTable] = {
    "deals_deal": DEAL_STEPS,
    "deals_extension": EXTENSION_STEPS,
    "deals_joinrequest": JOIN_REQUEST_STEPS,
    "deals_changerequest": CHANGE_REQUEST_STEPS,
    "deals_identityverdict": VERDICT_STEPS,
    "deals_matchmodel": MODEL_STEPS,
    "deals_customermerge": MERGE_STEPS,
    "partners_partner": PARTNER_STEPS,
    "partners_membership": MEMBERSHIP_STEPS,
    "partners_invitation": INVITATION_STEPS,
    "mail_message": MESSAGE_STEPS,
}
MONEY = {  # table: columns in the row's own currency
    "deals_deal": ("amount",),
    "deals_opportunity": ("amount",),
    "deals_sale": ("net_amount",),
}


@dataclass(frozen=True)
class Problem:
    """One broken rule: how many rows break it, and some of them by ref."""

    rule: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        more = ", …" if self.count > len(self.examples) else ""
        return f"{self.rule}: {self.count} ({', '.join(self.examples)}{more})"


def problems() -> list[Problem]:
    """Every rule that does not hold; empty when all is well."""
    return [problem for rule, find in RULES.items() if (problem := _problem(rule, find()))]


def _problem(rule: str, refs: list[str]) -> Problem | None:
    return Problem(rule, len(refs), tuple(refs[:EXAMPLES])) if refs else None


def _refs(sql: str, params: object = None) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [str(ref) for (ref,) in cursor.fetchall()]


def _unknown_statuses() -> list[str]:
    found: list[str] = []
    for table, steps in STATUSES.items():
        found += _refs(f"SELECT '{table}.' || ref FROM {table} WHERE NOT status = ANY(%s)", [sorted(steps.statuses)])  # noqa: S608
    return found


def _waiting() -> list[str]:
    return _refs(
        "SELECT d.ref FROM deals_deal d LEFT JOIN deals_deal w ON w.id = d.waits_for_id "
        "WHERE d.status = 'waiting' AND (w.id IS NULL OR NOT w.status = ANY(%s)) "
        "AND NOT EXISTS (SELECT FROM deals_changerequest c WHERE c.deal_id = w.id AND c.status = 'in_review')",
        [sorted(UNDECIDED)],
    )


def _protection() -> list[str]:
    return _refs(
        "SELECT d.ref FROM deals_deal d WHERE (d.status = 'approved' AND d.effect = 'exclusive') "
        "<> EXISTS (SELECT FROM deals_protectedline p WHERE p.deal_id = d.id)"
    )


def _owners() -> list[str]:
    return _refs(
        "SELECT d.ref FROM deals_deal d LEFT JOIN deals_participant p ON p.deal_id = d.id AND p.role = 'owner' "
        "GROUP BY d.id HAVING count(p.id) <> 1 OR bool_or(p.partner_id IS DISTINCT FROM d.partner_id)"
    )


def _mirrors() -> list[str]:
    values = mirror_values("d")
    deal, row = ", ".join(values.values()), ", ".join(f"p.{column}" for column in values)
    return _refs(
        "SELECT DISTINCT d.ref FROM deals_participant p JOIN deals_deal d ON d.id = p.deal_id "  # noqa: S608
        f"WHERE ({deal}) IS DISTINCT FROM ({row})"
    )


def _running_elsewhere() -> list[str]:
    return _refs(
        "SELECT d.ref FROM deals_clockrun c JOIN deals_deal d ON d.id = c.deal_id "
        "WHERE c.stopped_at IS NULL AND (d.status <> 'in_review' OR d.question_open)"
    )


def _standing_in_review() -> list[str]:
    return _refs(
        "SELECT d.ref FROM deals_deal d WHERE d.status = 'in_review' AND NOT d.question_open AND (d.due_at IS NULL OR "
        "NOT EXISTS (SELECT FROM deals_clockrun c WHERE c.deal_id = d.id AND c.stopped_at IS NULL))"
    )


def _questions() -> list[str]:
    return _refs("SELECT ref FROM deals_deal WHERE question_open AND status <> 'in_review'")


def _asked_on_ended() -> list[str]:
    return _refs(
        "SELECT e.ref FROM deals_extension e JOIN deals_deal d ON d.id = e.deal_id "
        "WHERE e.status = 'asked' AND d.status <> 'approved' UNION ALL "
        "SELECT j.ref FROM deals_joinrequest j JOIN deals_deal d ON d.id = j.deal_id "
        "WHERE j.status = 'asked' AND NOT d.status = ANY(%s)",
        [sorted(OPEN)],
    )


def _money() -> list[str]:
    found: list[str] = []
    for table, columns in MONEY.items():
        for currency in _refs(f"SELECT DISTINCT currency FROM {table} WHERE currency <> ''"):  # noqa: S608
            digits = minor_digits(currency)
            wrong = " OR ".join(f"{column} <> round({column}, {digits})" for column in columns)
            found += _refs(f"SELECT '{table} ' || id FROM {table} WHERE currency = %s AND ({wrong})", [currency])  # noqa: S608
        bare = " OR ".join(f"{column} IS NOT NULL" for column in columns)
        found += _refs(f"SELECT '{table} ' || id FROM {table} WHERE currency = '' AND ({bare})")  # noqa: S608
    return found


def _sales_twice() -> list[str]:
    return _refs(
        "SELECT source || ' ' || order_ref || ' ' || line FROM deals_sale GROUP BY source, order_ref, line HAVING count(*) > 1"
    )


def _no_events() -> list[str]:
    return _refs(
        "SELECT d.ref FROM deals_deal d WHERE d.status <> 'draft' AND NOT EXISTS "
        "(SELECT FROM audit_event e WHERE e.noun = %s AND e.object_id = d.id::text)",
        [noun_of(Deal)],
    )


def _no_keys() -> list[str]:
    """A customer whose identity yields keys must hold some; a name of which nothing is left yields none."""
    rows = Customer.objects.filter(match_keys=[]).prefetch_related("aliases")
    return [row.ref for row in rows if identity_keys(identity_of_customer(row), Frequency({}, 1000))]


def _token_total() -> list[str]:
    """The empty token counts the names; a register without it weighs every word alike."""
    return ["tokens"] if Customer.objects.exists() and not TokenCount.objects.filter(token="", names__gt=0).exists() else []


def _at_merged() -> list[str]:
    """What hangs on a customer went over when it was merged; its candidate keys lead nowhere any more."""
    alive = {
        "deals_deal": "TRUE",
        "deals_opportunity": "TRUE",
        "deals_sale": "TRUE",
        "deals_protectedline": "TRUE",
        "deals_matchkey": "TRUE",
        "deals_freewatch": "told_at IS NULL",
        "deals_changerequest": "status = 'in_review'",
    }
    found: list[str] = []
    for table, condition in alive.items():
        found += _refs(
            f"SELECT DISTINCT '{table} of ' || c.ref FROM deals_customer c JOIN {table} t ON t.customer_id = c.id "  # noqa: S608
            f"WHERE c.merged_into_id IS NOT NULL AND t.{condition}".replace("t.TRUE", "TRUE")
        )
    return found + _refs(
        "SELECT s.ref FROM deals_customer s JOIN deals_customer c ON c.id = s.parent_id "
        "WHERE c.merged_into_id IS NOT NULL AND s.merged_into_id IS NULL"
    )


def _merges() -> list[str]:
    """A customer is merged exactly while a merge of it stands."""
    return _refs(
        "SELECT c.ref FROM deals_customer c LEFT JOIN deals_customermerge m ON m.merged_id = c.id AND m.status = 'done' "
        "WHERE c.merged_into_id IS DISTINCT FROM m.kept_id"
    )


def _groups() -> list[str]:
    return _refs(
        "SELECT p.ref FROM partners_partner p LEFT JOIN partners_partnergroup g ON g.partner_id = p.id "
        "GROUP BY p.id HAVING array_agg(g.role::text ORDER BY g.role) IS DISTINCT FROM %s",
        [sorted(Role.values)],
    )


def _grants() -> list[str]:
    roles = [(role, str(perm)) for role, perms in ROLE_PERMISSIONS.items() for perm in perms]
    held = (
        "SELECT g.partner_id, g.role::text, a.codename::text, o.content_object_id = g.partner_id AS own "
        "FROM partners_partnergroup g JOIN partners_partnergroupobjectpermission o ON o.group_id = g.group_id "
        "JOIN auth_permission a ON a.id = o.permission_id"
    )
    return _refs(
        f"WITH held AS ({held}), wanted AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS w(role, codename)) "  # noqa: S608
        "SELECT DISTINCT p.ref FROM partners_partner p JOIN ("
        "SELECT partner_id FROM held h WHERE NOT own OR NOT EXISTS "
        "(SELECT FROM wanted w WHERE (w.role, w.codename) = (h.role, h.codename)) "
        "UNION SELECT g.partner_id FROM partners_partnergroup g JOIN wanted w ON w.role = g.role WHERE NOT EXISTS "
        "(SELECT FROM held h WHERE (h.partner_id, h.role, h.codename) = (g.partner_id, w.role, w.codename))"
        ") AS wrong ON wrong.partner_id = p.id",
        [[role for role, _ in roles], [perm for _, perm in roles]],
    )


def _members() -> list[str]:
    """A member who has not been removed is in exactly the group of the role; nobody else is in a partner's group."""
    held = "SELECT u.user_id, g.partner_id, g.role FROM partners_user_groups u JOIN partners_partnergroup g USING (group_id)"
    team = "SELECT user_id, partner_id, role FROM partners_membership WHERE status <> 'removed'"
    return _refs(
        f"SELECT DISTINCT p.ref FROM ((({held}) EXCEPT ({team})) UNION ALL (({team} AND status = 'active') EXCEPT ({held}))) "  # noqa: S608
        "AS wrong JOIN partners_partner p ON p.id = wrong.partner_id"
    )


def _user_grants() -> list[str]:
    """Grants hang on groups; one given to a single user would escape every change of role."""
    return _refs("SELECT user_id FROM partners_partneruserobjectpermission")


RULES: dict[str, Callable[[], list[str]]] = {
    "a status that no step table knows": _unknown_statuses,
    "waits behind nothing that is undecided": _waiting,
    "approved and exclusive, but protected lines say otherwise": _protection,
    "not exactly one owner participant, of the deal's partner": _owners,
    "a participant's columns differ from the deal's": _mirrors,
    "the clock runs although nobody of ours can act": _running_elsewhere,
    "in review without a running clock or a due time": _standing_in_review,
    "a question waits on what is not in review": _questions,
    "asked for on a deal that has ended, and still waiting": _asked_on_ended,
    "an amount with more digits than its currency has, or without a currency": _money,
    "a sale stands twice": _sales_twice,
    "a deal without any event": _no_events,
    "a customer without match keys": _no_keys,
    "no count of customer names": _token_total,
    "something alive at a merged customer": _at_merged,
    "merged without a merge that says so, or the other way round": _merges,
    "a partner without its role groups": _groups,
    "grants differ from the role table": _grants,
    "group members differ from the team": _members,
    "a grant to a single user": _user_grants,
}

"""What a person's word on a pair of identities means for the next check, and who may give it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext_lazy as _

from deals.enums import DealStatus, Judged, Outcome
from deals.models import ConflictCandidate, Deal, IdentityVerdict
from deals.rules.deal import why_not_review
from deals.rules.review import sees_partners_deals
from partners.enums import StaffRole
from partners.rules.staff import holds
from prm.core.errors import Reason
from prm.matching import Identity
from prm.matching.identity import clean_place

ENGINE_ROLES = frozenset({StaffRole.DEAL_DESK, StaffRole.CHANNEL_OPERATIONS, StaffRole.PROGRAM_MANAGER})
PUBLISHERS = frozenset({StaffRole.CHANNEL_OPERATIONS, StaffRole.PROGRAM_MANAGER})
KEPT_APART = "kept_apart"  # the rule a match goes by once a person said that it is not the same
DUPLICATE_REASONS = frozenset({"known_opportunity", "other_partner"})
FACTS = ("name", "domain", "country", "city", "registration_number")
GONE = Reason("gone", _("This candidate has no customer in the register any more."))
NOT_YOURS = Reason("not_yours", _("The deal desk, channel operations or the program manager does this."))
HIDDEN = Reason("hidden", _("Another channel manager looks after this partner. The deal desk can judge it."))


def can_see_engine(user: Any) -> bool:
    """The report, the models and the likely doubles: whoever sees every partner's deals and answers for the rules."""
    return holds(user, ENGINE_ROLES)


def can_merge_customers(user: Any) -> bool:
    """Who keeps the register in order."""
    return holds(user, ENGINE_ROLES)


def can_publish_model(user: Any) -> bool:
    """What the engine goes by is a rule of the programme."""
    return holds(user, PUBLISHERS)


def why_not_judge(user: Any, deal: Deal, candidate: ConflictCandidate) -> list[Reason]:
    """Why this member of staff cannot say whether a candidate is the same: the right to decide the deal, and sight of both."""
    reasons = why_not_review(user, deal, step="")
    if not reasons and candidate.deal is not None and not sees_partners_deals(user, candidate.deal.partner):
        reasons = [HIDDEN]
    return reasons


def why_not_withdraw(user: Any, row: IdentityVerdict) -> list[Reason]:
    """Who may give such a word may take it back: beside a registration its deciders, in the register its keepers."""
    if row.deal is None:
        return [] if can_merge_customers(user) else [NOT_YOURS]
    return why_not_judge(user, row.deal, row.candidate or ConflictCandidate())


def suggested(deal: Deal, candidate: ConflictCandidate) -> str:
    """What the decision on the deal lets one think of the candidate; a person still has to say it.

    Declined as a duplicate: the strict candidates are the same. Approved in spite of them: they are not.
    """
    if candidate.outcome == Outcome.CLEAR:
        return ""
    if deal.status == DealStatus.DECLINED:
        by_rule = deal.declined_kind == "duplicate" and candidate.outcome == Outcome.DECLINE
        return Judged.SAME if by_rule or deal.reason in DUPLICATE_REASONS else ""
    approved = deal.protected_from is not None and deal.decided_by_id is not None
    return Judged.DIFFERENT if approved and "products" not in candidate.rule else ""


def facts_of(identity: Identity) -> dict[str, str]:
    """The company facts a pair is judged by, as JSON."""
    return {name: str(getattr(identity, name)) for name in FACTS}


def identity_from(facts: Mapping[str, str]) -> Identity:
    """The identity behind stored facts."""
    name, domain, country, city, number = (facts.get(name, "") for name in FACTS)
    return Identity(name=name, domain=domain, country=country, city=city, registration_number=number)


def name_sign(identity: Identity) -> str:
    """The name as pairs are told by: its words in any order, without legal form; a name without any, as written."""
    name = identity.name_key
    if name.empty or name.script_mixed:
        storable = identity.name[:400].encode("utf-8", "ignore").decode().replace("\x00", "")
        return " ".join(storable.casefold().split())[:400]
    return "|".join(filter(None, (name.sorted_core, name.native, name.note)))[:400]


def pair_sign(identity: Identity) -> str:
    """The asked side of a judged pair as one word: the same facts in another spelling give the same."""
    parts = (name_sign(identity), *(",".join(sorted(values)) for values in _stated(identity)))
    return sha256("\n".join(parts).encode()).hexdigest()


def stays_apart(judged: Identity, asked: Identity, known: Identity) -> bool:
    """Whether the word "not the same", said of `judged` and `known`, holds for `asked` and `known` too.

    It does when `asked` is that identity: the same name, and of legal form, country, city, domain and number whatever was said
    then. What was blank then may be filled in now, unless it agrees with the known customer: that is new evidence, and a
    person should look again. What was said then and is blank now is less evidence, so the word does not hold either.
    """
    if name_sign(judged) != name_sign(asked):
        return False
    written = {name.casefold() for name in (known.name, *known.aliases)}
    if asked.name.casefold() in written and judged.name.casefold() not in written:
        return False  # nobody said that the customer's own name is not the customer
    rows = zip(_stated(judged), _stated(asked), _stated(known), strict=True)
    return all(then == now or (not then and not now & there) for then, now, there in rows)


def _stated(identity: Identity) -> tuple[frozenset[str], ...]:
    """What was said beside the words of the name; its plain legal form belongs to it, because `Toro Co` is not `Toro Corp`."""
    number = frozenset({identity.number.value} if identity.number.counts else ())
    place = frozenset(filter(None, [clean_place(identity.city)]))
    return identity.name_key.forms, frozenset(filter(None, [identity.clean_country])), place, identity.clean_domains, number


def name_alone(matched: tuple[str, ...] | list[str]) -> bool:
    """Whether a match stands on the name (and place) only: a shared domain or registration number outweighs a person's word
    about a name, since that word was given without it, and organisations do change."""
    return not {"domain", "registration_number"} & set(matched)

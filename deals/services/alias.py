"""What a customer is taught by a person's word: further names and domains, with the keys that make it findable by them.

A verdict or a merge teaches what it compared; staff also record another name, or a domain that leads there, by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from deals.models import Customer, CustomerAlias
from deals.queries.conflict import identity_of_customer
from deals.queries.customer import Known, known_by, living, living_customer, token_counts
from deals.rules.verdict import NOT_YOURS, can_merge_customers
from deals.services.customer import lock_identities
from deals.services.resolution import MAX_ALIASES, Facts, goes_by, keys_of, knows_name
from partners.models import User
from prm.audit import services as audit
from prm.core import bulk
from prm.core.errors import DomainError, NotAllowed, StaleState
from prm.core.identifiers import uuid7
from prm.core.text import clean_text
from prm.matching import Frequency, Identity, clean_domain, is_public_mail


class Taken(DomainError):
    """The name or domain is another living customer's: `holder`."""

    def __init__(self, message: str, *, field: str, holder: Customer) -> None:
        super().__init__(message, key="taken", field=field)
        self.holder = holder


@transaction.atomic
def record_alias(customer: Customer, *, name: str = "", domain: str = "", by: User) -> list[CustomerAlias]:
    """Write down another name of the customer, or a web domain that leads there; checks go by it at once.

    Answers what is new: nothing when the customer goes by it already. Records deals.customer.alias_recorded for each. Raises
    NotAllowed; DomainError when there is nothing to go by (no name, no domain of a company) or the customer knows enough;
    Taken; StaleState when the customer was merged meanwhile.
    """
    _require_keeper(by)
    asked = _asked(name, domain, str(customer.country))
    lock_identities([asked, identity_of_customer(living_customer(customer.pk))])
    row = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if row.merged_into_id:
        raise StaleState(_("This customer was merged meanwhile. Look at the page again."), key="stale")
    _require_free(row, Facts.of(asked))
    made: list[CustomerAlias] = []
    for identity in (Identity(name=asked.name), Identity(name="", domain=asked.domain)):  # each is taken back alone
        made += _record_one(row, identity, by)
    return made


@transaction.atomic
def withdraw_alias(alias: CustomerAlias, *, by: User) -> None:
    """Take back what was recorded by hand, with the keys it brought. Records deals.customer.alias_withdrawn.

    Raises NotAllowed; StaleState when somebody was faster; DomainError for what a verdict, merge or import taught, and of a
    merged customer.
    """
    _require_keeper(by)
    customer = Customer.objects.prefetch_related("aliases").get(pk=alias.customer_id)
    lock_identities([Identity(name=alias.name, domain=alias.domain), identity_of_customer(customer)])
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=alias.customer_id)
    if customer.merged_into_id:
        raise DomainError(_("This customer was merged into another one. Undo that merge first."), key="merged")
    row = CustomerAlias.objects.filter(pk=alias.pk).first()
    if row is None:
        raise StaleState(_("This name was taken back meanwhile."), key="stale")
    if row.recorded_by_id is None:
        raise DomainError(_("Nobody recorded this by hand. Take back the decision it comes from."), key="learned")
    forget_aliases(customer.pk, {"mark": str(row.pk), "aliases": [str(row.pk)], "keys": row.brought_keys or []})
    audit.record("deals.customer.alias_withdrawn", customer, by=by, data={"alias": str(row.pk)}, internal=True)


def _require_keeper(by: User) -> None:
    if not can_merge_customers(by):
        raise NotAllowed(NOT_YOURS)


def _asked(name: str, domain: str, country: str) -> Identity:
    """What was typed, as an identity. Raises DomainError for what says nothing about a company."""
    name = clean_text(name, 300, field="name")
    typed = clean_text(domain, 300, field="domain")
    if not name and not typed:
        raise DomainError(_("Write a name or a domain."), key="nothing")
    if name and (Identity(name=name).name_key.empty or Identity(name=name).name_key.only_form):
        raise DomainError(_("This name has no word a company could be told by."), key="empty", field="name")
    if is_public_mail(typed):
        said = _("Anybody may have an address at this host, so it says nothing about a company.")
        raise DomainError(said, key="public", field="domain")
    cleaned = clean_domain(typed)
    if typed and not cleaned:
        raise DomainError(_("This is not a web domain. Write it like example.com."), key="domain", field="domain")
    return Identity(name=name, domain=cleaned, country=country)


def _require_free(customer: Customer, facts: Facts) -> None:
    """Raises Taken when another living customer has the very name or the domain, by itself or learned."""
    found = known_by({facts.core} - {""}, facts.domains, ())
    for known in found:
        end = living(found, known)
        field = "" if end.id == customer.pk else "domain" if known.domains & set(facts.domains) else _name_field(facts, known)
        if field:
            said = _("%(name)s (%(ref)s) has this already.") % {"name": end.name, "ref": (holder := _row(end)).ref}
            raise Taken(said, field=field, holder=holder)


def _name_field(facts: Facts, known: Known) -> str:
    return "name" if facts.core and knows_name(facts, known) else ""


def _row(known: Known) -> Customer:
    return Customer.objects.defer("match_keys").get(pk=known.id)


def _record_one(customer: Customer, identity: Identity, by: User) -> list[CustomerAlias]:
    if not identity.name and not identity.domain:
        return []
    if not _new_aliases(customer, [identity]) and customer.aliases.count() >= MAX_ALIASES:
        raise DomainError(_("This customer goes by %(count)d names and domains already.") % {"count": MAX_ALIASES}, key="enough")
    taught = teach_customer(customer, [identity])
    CustomerAlias.objects.filter(pk__in=taught["aliases"]).update(recorded_by=by, brought_keys=taught["keys"])
    made = list(CustomerAlias.objects.filter(pk__in=taught["aliases"]))
    for alias in made:
        audit.record("deals.customer.alias_recorded", customer, by=by, data={"alias": str(alias.pk)}, internal=True)
    return made


def teach_customer(customer: Customer, identities: Iterable[Identity], keys: Collection[int] = ()) -> dict[str, Any]:
    """Add the names and domains of these identities that the customer does not know, and the keys that follow from them.

    `keys`: further ones to be found by. Answers {"mark", "aliases": ids, "keys": what is new}, for `forget_aliases`. The caller
    holds the identity locks. A customer learns `MAX_ALIASES` names and domains at most.
    """
    row = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    mark = uuid7()
    made = CustomerAlias.objects.bulk_create(_new_aliases(row, identities))
    added = sorted((_keys(made) | set(keys)) - set(row.match_keys))
    if added:
        Customer.objects.filter(pk=row.pk).update(match_keys=sorted({*row.match_keys, *added}))
    return {"mark": str(mark), "aliases": [str(alias.pk) for alias in made], "keys": added}


def _new_aliases(row: Customer, identities: Iterable[Identity]) -> list[CustomerAlias]:
    aliases = list(row.aliases.all())
    names: dict[str, list[str]] = defaultdict(list, {row.core: [row.name]})
    for alias in aliases:
        names[alias.core].append(alias.name)
    domains = {row.domain, *(alias.domain for alias in aliases)}
    found: list[CustomerAlias] = []
    for facts in map(Facts.of, identities):
        if facts.core and not goes_by(facts.identity.name_key, names[facts.core]):
            names[facts.core].append(facts.columns["name"])
            found.append(CustomerAlias(customer=row, name=facts.columns["name"], core=facts.core))
        for domain in facts.domains:
            if domain not in domains:
                domains.add(domain)
                found.append(CustomerAlias(customer=row, domain=domain))
    return found[: max(0, MAX_ALIASES - len(aliases))]


def forget_aliases(customer_id: UUID, taught: dict[str, Any]) -> None:
    """Take back what `teach_customer` added; keys that names learned later need as well stay."""
    if not taught:
        return
    row = Customer.objects.select_for_update(of=("self",)).get(pk=customer_id)
    CustomerAlias.objects.filter(customer=row, pk__in=taught["aliases"]).delete()
    dropped = set(taught["keys"]) - _keys(row.aliases.filter(pk__gt=taught["mark"]))
    if dropped:
        Customer.objects.filter(pk=row.pk).update(match_keys=sorted(set(row.match_keys) - dropped))
        bulk.run("DELETE FROM deals_matchkey WHERE customer_id = %s AND key = ANY(%s)", [row.pk, sorted(dropped)])


def _keys(aliases: Iterable[CustomerAlias]) -> set[int]:
    """What these names and domains are found by, as common as their words are now."""
    identities = [Identity(name=alias.name, domain=alias.domain) for alias in aliases]
    counts = token_counts([*{token for identity in identities for token in identity.name_key.tokens}, ""])
    frequency = Frequency(counts, max(counts.pop("", 0), 1000))
    return {key for identity in identities for key in keys_of(identity, frequency)}

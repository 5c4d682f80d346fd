"""Which customer an identity is. One resolver for one registration and for an import of a million rows.

The same customer is: the same registration number and country; else the same domain without a contradicting country; else the
same core name without a contradicting domain, country, number or legal form. Blank is unknown and contradicts nothing; another
city or site does not make another customer. A person's word that two of one name are not the same outweighs the name. Whoever
calls holds the identity locks (`deals.services.customer`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.utils import timezone

from deals.models import CustomerAlias
from deals.queries.customer import FIELDS, PER_KEY, Known, known_by, living, token_counts
from deals.queries.learned import different_by_name
from deals.rules.verdict import name_sign, stays_apart
from prm.core import bulk
from prm.core.identifiers import uuid7
from prm.core.text import clean_text
from prm.matching import Frequency, Identity, Name, clean_number, identity_keys, normalise_name
from prm.matching.decide import exact
from prm.matching.features import forms_differ

MAX_ALIASES = 50  # one customer learns so many names and domains; a shared host in a bad file would teach it thousands
PENDING_TOKENS = 100_000
TYPED = {"name": 300, "city": 100, "street": 200, "postcode": 20, "phone": 40}  # kept as written, cut to their columns
FILLED = ("country", "city", "domain", "registration_number", "street", "postcode", "phone")
Alias = tuple[str, str, str]
Counts = Callable[[Collection[str]], dict[str, int]]
normalised = lru_cache(maxsize=20_000)(normalise_name)


def core_of(name: Name) -> str:
    """What is stored and looked up: the name's core; for a name without one, or in mixed scripts, the name as written."""
    own = name.core if name.core and not name.script_mixed else " ".join(name.raw.casefold().split())
    return own[:300]


@dataclass(frozen=True)
class Facts:
    """An identity in the spelling in which customers are stored."""

    identity: Identity
    core: str
    country: str
    number: str
    domains: tuple[str, ...]

    @classmethod
    def of(cls, identity: Identity) -> Facts:
        number = identity.number.value[:40] if identity.number.counts else ""
        return cls(identity, core_of(identity.name_key), identity.clean_country, number, tuple(sorted(identity.clean_domains)))

    @cached_property
    def sign(self) -> str:
        """The name as judged pairs are told by."""
        return name_sign(self.identity)

    @cached_property
    def columns(self) -> dict[str, Any]:
        """Column values of a customer of this identity."""
        typed = {name: _one_line(getattr(self.identity, name), most) for name, most in TYPED.items()}
        return typed | {"country": self.country, "domain": next(iter(self.domains), ""), "registration_number": self.number}

    def row(self) -> Known:
        """A new customer of this identity."""
        others: list[Alias] = [("", "", domain) for domain in self.domains[1:]]
        return Known(id=uuid7(), core=self.core, aliases=others, **self.columns)


def _one_line(text: str, most: int) -> str:
    """Plain text, which most is, takes the short way."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:most]
    return clean_text(text[:most], most)


def same_number(facts: Facts, known: Known) -> bool:
    return bool(facts.number and facts.country) and (facts.number, facts.country) == (known.registration_number, known.country)


def contradicts(one: str, other: str) -> bool:
    return bool(one and other) and one != other


def same_by_name(facts: Facts, known: Known) -> bool:
    """The core is the same already; nothing known may speak against it."""
    if contradicts(facts.country, known.country) or (facts.domains and known.domains and not known.domains & set(facts.domains)):
        return False
    if contradicts(facts.number, known.registration_number) and facts.identity.number.differs(
        clean_number(known.registration_number, known.country)
    ):
        return False
    mine = facts.identity.name_key
    names = [known.name, *(name for name, core, _ in known.aliases if core == facts.core)]
    return goes_by(mine, names)


def knows_name(facts: Facts, known: Known) -> bool:
    """Whether the customer goes by this name already; another legal form of it is another name."""
    own = [known.name] if known.core == facts.core else []
    return goes_by(facts.identity.name_key, [*own, *(name for name, core, _domain in known.aliases if core == facts.core)])


def goes_by(mine: Name, names: Iterable[str]) -> bool:
    """Whether one of these names is this one: as written, or the same words without another legal form."""
    written = mine.raw[:300].casefold()
    return any(written == name.casefold() or _same(mine, normalised(name)) for name in names)


def _same(one: Name, other: Name) -> bool:
    return exact(one, other) and not forms_differ(one, other)


@dataclass
class Register:
    """The slice of customers that a chunk of identities may be, with what was added to it; in memory."""

    customers: dict[UUID, Known] = field(default_factory=dict)
    by_core: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_domain: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_number: dict[tuple[str, str], list[Known]] = field(default_factory=lambda: defaultdict(list))
    signs: Collection[str] = ()  # of the names that are asked for

    @cached_property
    def different(self) -> dict[str, list[tuple[UUID, Identity]]]:
        """By name, which customers people said it is not; read once, when a name alone has to decide."""
        return different_by_name(self.signs)

    def add(self, known: Known) -> None:
        self.customers[known.id] = known
        for core in known.cores:
            _once(self.by_core[core], known)
        for domain in known.domains:
            _once(self.by_domain[domain], known)
        if known.registration_number and known.country:
            _once(self.by_number[known.country, known.registration_number], known)

    def find(self, facts: Facts) -> Known | None:
        """The customer this is, or None; of several the one in the same country, then the oldest."""
        hits = [known for known in self.by_number.get((facts.country, facts.number), ()) if same_number(facts, known)]
        if not hits:
            near = [known for domain in facts.domains for known in self.by_domain.get(domain, [])[:PER_KEY]]
            hits = [known for known in near if not contradicts(facts.country, known.country)]
        if not hits and facts.core:
            hits = [known for known in self.by_core.get(facts.core, [])[:PER_KEY] if same_by_name(facts, known)]
            hits = [known for known in hits if not self._kept_apart(facts, known)]
        if not hits:
            return None
        best = min(hits, key=lambda known: (known.country != facts.country, known.id))
        return self._living(best)

    def _living(self, known: Known) -> Known:
        return living(list(self.customers.values()), known) if known.merged_into else known

    def _kept_apart(self, facts: Facts, known: Known) -> bool:
        there = self.different.get(facts.sign, ())
        if not there:
            return False
        end = self._living(known)
        return any(pk == end.id and stays_apart(judged, facts.identity, stored_identity(end)) for pk, judged in there)


def _once(rows: list[Known], known: Known) -> None:
    if not any(row is known for row in rows[-PER_KEY:]):
        rows.append(known)


@dataclass
class Changes:
    """What one chunk adds: new customers, known ones that learned something, and all new aliases."""

    fresh: dict[UUID, Known] = field(default_factory=dict)
    given: dict[UUID, Identity] = field(default_factory=dict)  # of a fresh customer that has learned nothing since
    touched: dict[UUID, Known] = field(default_factory=dict)
    aliases: list[tuple[UUID, Alias]] = field(default_factory=list)

    def add(self, facts: Facts) -> Known:
        known = facts.row()
        self.fresh[known.id] = known
        self.given[known.id] = facts.identity
        self.aliases += [(known.id, alias) for alias in known.aliases]
        return known

    def teach(self, known: Known, facts: Facts) -> bool:
        """Fill what is blank, and remember another spelling or domain; whether there was anything to learn."""
        blank = [name for name in FILLED if facts.columns[name] and not getattr(known, name)]
        for name in blank:
            setattr(known, name, facts.columns[name])
        new: list[Alias] = [("", "", domain) for domain in facts.domains if domain not in known.domains]
        if facts.core and not knows_name(facts, known):
            new.append((facts.columns["name"], facts.core, ""))
        new = new[: max(0, MAX_ALIASES - len(known.aliases))]
        known.aliases += new
        self.aliases += [(known.id, alias) for alias in new]
        if (blank or new) and known.id in self.fresh:
            self.given.pop(known.id, None)
        elif blank or new:
            self.touched[known.id] = known
        return bool(blank or new)

    def identities(self) -> dict[UUID, Identity]:
        """What keys are made of; an identity that was read already is not read again."""
        rows = (*self.fresh.values(), *self.touched.values())
        return {known.id: self.given.get(known.id) or stored_identity(known) for known in rows}


class Resolver:
    """Resolves chunks of identities one after the other and writes new customers, aliases and keys by COPY.

    learn: what an identity adds to a known customer (another spelling, a domain, a blank field) is kept. `counts` tells how
    common words are; an import adds the words of its own file. Call `close` at the end: it stores the new word counts.
    """

    def __init__(self, *, learn: bool, create: bool = True, counts: Counts = token_counts) -> None:
        self.learn, self.create, self.counts = learn, create, counts
        self.created = 0
        self._tokens: Counter[str] = Counter()

    def resolve(self, identities: Sequence[Identity]) -> list[tuple[UUID | None, bool]]:
        """(customer id, whether it is new) for each; the same answers as one by one in this order."""
        facts = {identity: Facts.of(identity) for identity in dict.fromkeys(identities)}
        changes = Changes()
        register = _register_for(facts.values())
        answers = [self._answer(facts[identity], register, changes) for identity in identities]
        self._store(changes)
        return answers

    def _answer(self, facts: Facts, register: Register, changes: Changes) -> tuple[UUID | None, bool]:
        known = register.find(facts)
        if known is None and not self.create:
            return None, False
        if known is None:
            known = changes.add(facts)
            register.add(known)
            return known.id, True
        if self.learn and changes.teach(known, facts):
            register.add(known)
        return known.id, False

    def _store(self, changes: Changes) -> None:
        fresh, touched = list(changes.fresh.values()), list(changes.touched.values())
        if not fresh and not touched:
            return
        identities = changes.identities()
        tokens = {token for identity in identities.values() for name in identity.names for token in name.tokens}
        counts = self.counts([*tokens, ""])
        frequency = Frequency(counts, max(counts.pop("", 0), 1000))
        _insert(fresh, identities, frequency)
        _update(touched, identities, frequency)
        now = timezone.now()
        bulk.copy_rows(
            CustomerAlias._meta.db_table,
            ("id", "created_at", "customer_id", "name", "core", "domain"),
            ((uuid7(), now, customer, *alias) for customer, alias in changes.aliases),
        )
        self.created += len(fresh)
        self._tokens[""] += len(fresh)
        for known in fresh:
            self._tokens.update(set(identities[known.id].name_key.tokens))
        if len(self._tokens) > PENDING_TOKENS:
            self.close()

    def close(self) -> None:
        """Add the words of the new names to the counts."""
        pending = sorted((token, count) for token, count in self._tokens.items() if count)
        self._tokens.clear()
        if pending:
            bulk.run(
                "INSERT INTO deals_tokencount AS t (token, names) SELECT * FROM unnest(%s::text[], %s::int[]) "
                "ON CONFLICT (token) DO UPDATE SET names = t.names + excluded.names",
                [[token for token, _ in pending], [count for _, count in pending]],
            )


def stored_identity(known: Known) -> Identity:
    """The identity a customer stands for, with all it has learned."""
    return Identity(
        name=known.name,
        domain=known.domain,
        country=known.country,
        registration_number=known.registration_number,
        city=known.city,
        street=known.street,
        postcode=known.postcode,
        phone=known.phone,
        aliases=tuple(name for name, _, _ in known.aliases if name),
        domains=tuple(domain for _, _, domain in known.aliases if domain),
    )


def _register_for(facts: Collection[Facts]) -> Register:
    cores: set[str] = set()
    domains: set[str] = set()
    numbers: set[tuple[str, str]] = set()
    for fact in facts:
        cores.add(fact.core)
        domains.update(fact.domains)
        if fact.number and fact.country:
            numbers.add((fact.country, fact.number))
    register = Register(signs={fact.sign for fact in facts})
    for known in known_by(cores - {""}, domains, numbers):
        register.add(known)
    return register


def _insert(fresh: list[Known], identities: dict[UUID, Identity], frequency: Frequency) -> None:
    """Keys are made while PostgreSQL writes."""
    if not fresh:
        return
    now = timezone.now()
    refs = bulk.free_refs("deals_customer", "C", len(fresh))
    bulk.copy_rows(
        "deals_customer",
        ("ref", "created_at", *FIELDS, "match_keys"),
        (
            (ref, now, *(getattr(known, name) for name in FIELDS), bulk.array(keys_of(identities[known.id], frequency)))
            for ref, known in zip(refs, fresh, strict=True)
        ),
    )


def _update(touched: list[Known], identities: dict[UUID, Identity], frequency: Frequency) -> None:
    """Old keys stay, so that a name stays findable by what was common when it came."""
    if not touched:
        return
    touched = sorted(touched, key=lambda known: known.id)
    assignments = ", ".join(f"{name} = v.{name}" for name in FILLED)
    bulk.run(
        f"UPDATE deals_customer AS c SET {assignments}, "  # noqa: S608 - names from code
        "match_keys = ARRAY(SELECT DISTINCT k FROM unnest(c.match_keys || v.keys::bigint[]) AS k ORDER BY k) "
        f"FROM unnest(%s::uuid[], %s::text[], {', '.join(['%s::text[]'] * len(FILLED))}) AS v(id, keys, {', '.join(FILLED)}) "
        "WHERE c.id = v.id",
        [
            [known.id for known in touched],
            [bulk.array(keys_of(identities[known.id], frequency)) for known in touched],
            *([getattr(known, name) for known in touched] for name in FILLED),
        ],
    )


def keys_of(identity: Identity, frequency: Frequency) -> list[int]:
    """The candidate keys to store, sorted."""
    return sorted({key for _, key in identity_keys(identity, frequency)})

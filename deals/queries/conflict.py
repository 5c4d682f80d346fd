"""The duplicate check as a read: candidates from indexes, identities compared, policy applied. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from uuid import UUID

from deals.enums import MatchedKind, Outcome
from deals.models import Customer, Deal
from deals.queries.again import let_go_lately
from deals.queries.candidates import FACTS_AT_MOST, Candidates, Entry, candidates_for, counting, family_of
from deals.queries.in_the_way import Obstacle, in_the_way
from deals.queries.in_the_way import products_of as products_of
from deals.queries.learned import Learned, learned_for_all
from deals.rules.conflict import Asking, Finding, Match, Thing, Verdict, conclude, judge
from deals.rules.policy import PolicyRules
from deals.rules.verdict import KEPT_APART, name_alone
from prm.matching import Frequency, Identity, Model, compare, normalise_name
from prm.matching.features import forms_differ


@dataclass(frozen=True)
class Question:
    """What is checked: an identity, what is asked for it, and the deal it is about (left out of the answer)."""

    identity: Identity
    asking: Asking
    deal_id: UUID | None = None
    deal_ref: str = ""


@dataclass
class _Case:
    """One question on its way: who may be meant, how alike, and who belongs to whom certainly matches."""

    question: Question
    entries: dict[UUID, Entry]
    frequency: Frequency
    learned: Learned
    apart: Mapping[UUID, date] = field(init=False)
    matches: dict[UUID, Match] = field(init=False)
    certain: set[UUID] = field(init=False)
    namesakes: set[UUID] = field(init=False)
    family: dict[UUID, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {pk: entry.identity for pk, entry in self.entries.items()}
        self.apart = self.learned.apart(self.question.identity, known)
        self.matches = {pk: self.match(pk, identity) for pk, identity in known.items()}
        self.certain = {pk for pk, match in self.matches.items() if match.certainty == "certain"}
        self.namesakes = self._namesakes()
        self.matches |= {pk: _doubtful(self.matches[pk]) for pk in self.namesakes}
        self.certain -= self.namesakes

    def _namesakes(self) -> set[UUID]:
        """Customers that a name without a legal form makes certain although their own forms differ: `Toro` may be either of
        `Toro Co` and `Toro Corp`."""
        if self.question.identity.name_key.forms:
            return set()
        named = {pk: self.entries[pk].identity.name_key for pk in self.certain if self.matches[pk].reason == "same_name"}
        pairs = combinations(sorted(named), 2)
        return {pk for one, other in pairs if forms_differ(named[one], named[other]) for pk in (one, other)}

    @property
    def parents(self) -> set[UUID]:
        """Of whom certainly matches."""
        return {parent for pk in self.certain if (parent := self.entries[pk].parent_id)}

    def match(self, pk: UUID, identity: Identity, *, sister: bool = False) -> Match:
        return _match(
            self.question.identity,
            identity,
            frequency=self.frequency,
            model=self.learned.model,
            apart=self.apart.get(pk),
            sister=sister,
        )

    def relate(self, family: Iterable[Entry]) -> None:
        """Parents, subsidiaries and siblings of what certainly matches: their business goes to a person."""
        parents = self.parents
        mine = (entry for entry in family if entry.parent_id in self.certain | parents or entry.pk in parents)
        new = [entry for entry in mine if entry.pk not in self.entries]
        self.family = {entry.pk: entry for entry in new[:FACTS_AT_MOST]}

    def strangers(self, obstacles: Iterable[Obstacle]) -> Iterator[Identity]:
        """Whose words were not counted yet: the family, and what was written otherwise than the register says."""
        yield from (entry.identity for entry in self.family.values())
        for obstacle in obstacles:
            entry = self.entries.get(obstacle.customer_id)
            if entry and not _as_known(obstacle.typed, entry.identity):
                yield obstacle.typed

    def verdict(self, obstacles: Iterable[Obstacle], rules: PolicyRules, today: date) -> Verdict:
        """The obstacles judged, then customers alike but with nothing open: shown as evidence, never in the way."""
        asking, deal = self.question.asking, (self.question.deal_id, self.question.deal_ref)
        findings: list[Finding] = []
        busy: set[UUID] = set()
        for obstacle in obstacles:
            if obstacle.thing.id == deal[0] or (obstacle.deal_ref and obstacle.deal_ref == deal[1]):
                continue
            match = self._match_of(obstacle)
            if match.certainty == "unlikely" and not match.sister:
                continue
            busy.add(obstacle.customer_id)
            findings.append(judge(asking, obstacle.thing, match, rules, today))
        for pk, match in self.matches.items():
            if pk not in busy and (match.certainty != "unlikely" or match.reason == KEPT_APART):
                findings.append(judge(asking, Thing(MatchedKind.CUSTOMER, pk, self.entries[pk].ref), match, rules, today))
        if all(finding.outcome == Outcome.CLEAR for finding in findings):
            findings += self._again(rules, today)
        best = max(self.certain, key=lambda pk: (self.matches[pk].score, str(pk)), default=None)
        return replace(conclude(findings, best), version=self.learned.model.version)

    def _again(self, rules: PolicyRules, today: date) -> list[Finding]:
        """What the partner let go a short time ago goes to a person, unless something else is in the way already."""
        return [
            Finding(row.thing, self.matches[row.customer_id], Outcome.REVIEW, "registered_again", row.free_on)
            for row in let_go_lately(self.question.asking, self.certain, rules, today)
        ]

    def _match_of(self, obstacle: Obstacle) -> Match:
        """As it was written, else as its customer is: what was written like the register says needs no second look."""
        pk = obstacle.customer_id
        entry = self.entries.get(pk) or self.family[pk]
        sister = pk not in self.certain and (entry.parent_id in self.certain | self.parents or pk in self.parents)
        if not sister and pk in self.matches and _as_known(obstacle.typed, entry.identity):
            return self.matches[pk]
        match = self.match(pk, _with_known(obstacle.typed, entry.identity), sister=sister)
        return _doubtful(match) if pk in self.namesakes and match.reason == "same_name" else match


def _doubtful(match: Match) -> Match:
    return replace(match, certainty="likely", reason="common_name")


def check(question: Question, rules: PolicyRules, today: date) -> Verdict:
    """Judge one registration against the register, in a bounded number of queries."""
    return check_all([question], rules, today)[0]


def check_all(questions: Sequence[Question], rules: PolicyRules, today: date) -> list[Verdict]:
    """The same for many at once: as many queries as for one. No answer depends on another question."""
    found: Candidates = candidates_for([question.identity for question in questions])
    taught = learned_for_all([question.identity for question in questions])
    cases = [
        _Case(question, {entry.pk: entry for entry in entries}, found.frequency, learned)
        for question, entries, learned in zip(questions, found.rows, taught, strict=True)
    ]
    if certain := {pk for case in cases for pk in case.certain}:
        family = family_of(certain, {pk for case in cases for pk in case.parents})
        for case in cases:
            case.relate(family)
    obstacles: dict[int, list[Obstacle]] = defaultdict(list)
    for obstacle in in_the_way([[*case.entries, *case.family] for case in cases]):
        obstacles[obstacle.row].append(obstacle)
    frequency = counting(
        found.frequency, (identity for row, case in enumerate(cases) for identity in case.strangers(obstacles[row]))
    )
    for case in cases:
        case.frequency = frequency
    return [case.verdict(obstacles[row], rules, today) for row, case in enumerate(cases)]


def identity_of_customer(customer: Customer) -> Identity:
    """The identity a customer row stands for, with the aliases that were prefetched."""
    aliases = list(customer.aliases.all())
    return Identity(
        name=customer.name,
        domain=customer.domain,
        country=str(customer.country),
        registration_number=customer.registration_number,
        city=customer.city,
        street=customer.street,
        postcode=customer.postcode,
        phone=customer.phone,
        aliases=tuple(a.name for a in aliases if a.name),
        domains=tuple(a.domain for a in aliases if a.domain),
    )


def identity_of_deal(deal: Deal) -> Identity:
    """The customer as the partner wrote it."""
    return Identity(
        name=deal.customer_name,
        domain=deal.website,
        country=str(deal.country),
        registration_number=deal.registration_number,
        city=deal.city,
    )


def _match(
    identity: Identity, other: Identity, *, frequency: Frequency, model: Model, apart: date | None = None, sister: bool = False
) -> Match:
    """`apart`: the day on which a person said that the two are not the same; that outweighs whatever the names say."""
    found = compare(identity, other, frequency, model)
    if apart and found.certainty != "unlikely" and name_alone(found.matched_fields):
        return Match(
            "unlikely",
            found.score,
            reason=KEPT_APART,
            matched_fields=tuple(found.matched_fields),
            contradictions=tuple(found.contradictions),
            terms=({"key": KEPT_APART, "day": apart.isoformat()},),
            sister=sister,
        )
    return Match(
        certainty=found.certainty,
        score=found.score,
        reason=found.rule,
        matched_fields=tuple(found.matched_fields),
        contradictions=tuple(found.contradictions),
        terms=tuple(reason.as_json() for reason in found.reasons()) if sister or found.certainty != "unlikely" else (),
        sister=sister,
    )


def _as_known(typed: Identity, known: Identity) -> bool:
    """Whether what was written adds nothing to what the register says."""
    fields = (typed.domain, known.domain), (typed.country, known.country), (typed.registration_number, known.registration_number)
    return typed.name == known.name and typed.city == known.city and all(not own or own == theirs for own, theirs in fields)


def _with_known(typed: Identity, known: Identity) -> Identity:
    """What the register knows of the customer adds names and domains; it never overrides what was typed, nor its legal form."""
    own = typed.name_key
    names = ((name, normalise_name(name)) for name in (known.name, *known.aliases))
    # Typed without a form, it is of the form the register knows; typed with one, that form holds.
    others = dict.fromkeys(
        name for name, other in names if other.sorted_core != own.sorted_core or (other.forms and not own.forms)
    )
    return Identity(
        name=typed.name,
        domain=typed.domain or known.domain,
        country=typed.country or known.country,
        registration_number=typed.registration_number or known.registration_number,
        city=typed.city,
        street=known.street,
        postcode=known.postcode,
        phone=known.phone,
        aliases=tuple(others),
        domains=known.domains,
    )

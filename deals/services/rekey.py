"""What the duplicate engine stores of names, made anew: how common words are, cores, and the keys by which customers are found.

They were made when a name was written. After a release that reads names otherwise or stores other keys, and when words that
were rare have become common, they no longer lead where a check looks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import IntegerField, Prefetch, Q, Value

from deals.enums import MergeStatus
from deals.models import Customer, CustomerAlias, CustomerMerge, IdentityVerdict, TokenCount
from deals.queries.conflict import identity_of_customer
from deals.queries.customer import token_counts
from deals.services.customer import BUCKETS, lock_buckets
from deals.services.resolution import PENDING_TOKENS, Counts, core_of, keys_of, normalised
from prm.audit import services as audit
from prm.core import bulk
from prm.core.tabular.report import Progress, silent
from prm.matching import Frequency, Identity, Name

CHUNK = 1000  # customers in one transaction; registrations wait that long, about a third of a second
READ = 5000
WORD = 64  # words are stored so long
DIFFERENCE = "INSERT INTO word_difference SELECT token, sum(names) FROM word_counted GROUP BY token HAVING sum(names) <> 0"
ADD = """
    INSERT INTO deals_tokencount AS t (token, names)
    SELECT token, greatest(names, 0) FROM word_difference ORDER BY token COLLATE "C"
    ON CONFLICT (token) DO UPDATE
    SET names = greatest(t.names + (SELECT d.names FROM word_difference AS d WHERE d.token = t.token), 0)
"""
TO_BE = """
    SELECT token, greatest(sum(names), 0)::int FROM (
        SELECT token, names FROM deals_tokencount UNION ALL SELECT token, names FROM word_difference
    ) AS t WHERE token = ANY(%s) GROUP BY token
"""
ROWS = """
    UPDATE deals_customer AS c SET core = v.core, match_keys = v.keys::bigint[]
    FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS v(id, core, keys) WHERE c.id = v.id
"""
KEYS_GONE = """
    DELETE FROM deals_matchkey AS m USING unnest(%s::bigint[], %s::uuid[]) AS v(key, customer_id)
    WHERE m.key = v.key AND m.customer_id = v.customer_id
"""
ALIASES = "UPDATE deals_customeralias AS a SET core = v.core FROM unnest(%s::uuid[], %s::text[]) AS v(id, core) WHERE a.id = v.id"
Taught = CustomerAlias | IdentityVerdict | CustomerMerge


@dataclass(frozen=True)
class Rekeyed:
    """What was made anew (in a dry run: would be). `words`: wrong counts, of words and of the names in all."""

    customers: int = 0
    changed: int = 0
    keys_added: int = 0
    keys_removed: int = 0
    words: int = 0

    @property
    def anything(self) -> bool:
        return bool(self.changed or self.words)


def rekey_customers(*, dry_run: bool = False, tell: Progress = silent) -> Rekeyed:
    """Count the words of the register anew, then make core and keys of every customer and alias by those counts.

    A second run finds nothing to do. Registrations go on meanwhile: each waits for a chunk, and none is lost. The run itself
    waits for imports. Stopped half-way it leaves what it did, which is right; run it again for the rest. With `dry_run` nothing
    is written and nobody waits. Records deals.customer.rekeyed at the end when something was written.

    What a verdict, a merge or a person's alias taught can be taken back afterwards as before: which keys came of it is written
    down anew (`_relearn`). What is left behind in rare cases only makes a customer be compared once more, until the next run:
    the key of a phone or number that an undone merge had filled in, and what two words of people brought that were taken back
    in the order in which they were said. Of a merged customer's number and phone that the kept one has not itself, and of names
    beyond the dozen that are compared, no keys are kept: no comparison goes by them.
    """
    if dry_run:
        with transaction.atomic():  # the difference of the words lives as long as its transaction
            would = _go_through(compare_words(tell), tell, counts=_counts_to_be, write=False)
            transaction.set_rollback(True)
            return would
    done = _go_through(recount_words(tell), tell, counts=token_counts, write=True)
    if done.anything:
        data = {"changed": done.changed, "keys_added": done.keys_added, "keys_removed": done.keys_removed, "words": done.words}
        audit.record("deals.customer.rekeyed", TokenCount(token=""), by=None, data=data, internal=True)
    return done


def _go_through(words: int, tell: Progress, *, counts: Counts, write: bool) -> Rekeyed:
    total, found = Customer.objects.count(), Counter[str]()
    last: UUID | None = None
    while True:
        last, part = rekey_chunk(last, counts=counts, write=write)
        if last is None:
            return Rekeyed(words=words, **found)
        found.update(part)
        tell("customers", found["customers"], total)


@transaction.atomic
def recount_words(tell: Progress = silent) -> int:
    """Put the counts of words right; answers how many were wrong. One at a time: what is missing must not be added twice."""
    bulk.run("SELECT pg_advisory_xact_lock(hashtext('deals.rekey'))")
    wrong = compare_words(tell)
    if wrong:
        add_difference()
    return wrong


def compare_words(tell: Progress = silent) -> int:
    """By how much each stored count is wrong, into the temporary table `word_difference`; answers how many are.

    Stored counts and names are read by one statement, so as they were at one moment. The names of merged customers are not
    counted: a merge takes their words off the counts.
    """
    bulk.temp_table("word_counted", "token text, names int")
    live = Customer.objects.live()
    total, done = live.count(), 0
    stored = TokenCount.objects.values_list("token", "names")
    names = live.values_list("name", Value(None, output_field=IntegerField()))
    words: Counter[str] = Counter()
    for text, count in stored.union(names, all=True).iterator(chunk_size=READ):
        if count is None:
            words.update({"", *_words_of(normalised(text))})
            done += 1
            if done % READ == 0 or done == total:
                tell("words", done, total)
        else:
            words[text] -= count
        if len(words) > PENDING_TOKENS:
            _put_aside(words)
    _put_aside(words)
    bulk.temp_table("word_difference", "token text PRIMARY KEY, names int")
    return bulk.run(DIFFERENCE)


def _put_aside(words: Counter[str]) -> None:
    bulk.copy_rows("word_counted", ("token", "names"), words.items())
    words.clear()


def add_difference() -> None:
    """Add what `compare_words` found to the counts as they are now: names that came meanwhile stay counted.

    In the order in which whoever adds a name locks the words, so that nobody waits in a ring.
    """
    bulk.run(ADD)


def _words_of(name: Name) -> set[str]:
    return {token[:WORD] for token in name.tokens}


def _counts_to_be(tokens: Collection[str]) -> dict[str, int]:
    """As `token_counts` will answer when the difference is added."""
    return dict(bulk.rows(TO_BE, [list(tokens)]))


@dataclass
class _Customer:
    """A customer as it stands, and what its names make of it now."""

    row: Customer
    identity: Identity
    frequency: Frequency
    aliases: list[CustomerAlias] = field(init=False)
    core: str = field(init=False)
    keys: set[int] = field(init=False)
    before: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self.aliases = list(self.row.aliases.all())
        self.core = core_of(self.identity.name_key)
        self.keys = set(keys_of(self.identity, self.frequency))
        self.before = set(self.row.match_keys)

    @property
    def differs(self) -> bool:
        return (self.core, self.keys) != (self.row.core, self.before)

    def gone(self) -> set[int]:
        """Keys that must not lead here any more: none does to a merged customer, whatever the trigger spread."""
        return self.before - self.keys if self.row.merged_into_id is None else self.before | self.keys

    def keys_without(self, aliases: Collection[str]) -> set[int]:
        """The keys if it had never been taught these aliases."""
        kept = [alias for alias in self.aliases if str(alias.pk) not in aliases]
        names, domains = tuple(a.name for a in kept if a.name), tuple(a.domain for a in kept if a.domain)
        return set(keys_of(replace(self.identity, aliases=names, domains=domains), self.frequency))

    def keys_by(self, aliases: Collection[str]) -> set[int]:
        """Those of its keys that these aliases yield."""
        taught = (Identity(alias.name, domain=alias.domain) for alias in self.aliases if str(alias.pk) in aliases)
        return self.keys & {key for identity in taught for key in keys_of(identity, self.frequency)}

    def alias_cores(self) -> Iterator[tuple[CustomerAlias, str]]:
        """Aliases whose core is another now.

        A name that was learned again since it reads otherwise stands there twice, and only one row can have its core: the later
        one gets its id for a core, which no name has, and can be taken back like the first.
        """
        taken: set[tuple[str, str, str]] = set()
        for alias in self.aliases:
            core = core_of(normalised(alias.name)) if alias.name else alias.core
            if (core, alias.domain, alias.name) in taken:
                core = str(alias.pk)
            taken.add((core, alias.domain, alias.name))
            if core != alias.core:
                yield alias, core


def rekey_chunk(after: UUID | None, *, counts: Counts = token_counts, write: bool = True) -> tuple[UUID | None, Counter[str]]:
    """The customers that follow this id, in a transaction of their own; answers the last one's id and what was counted.

    All identity locks are taken first, as an import does: whoever changes customers, aliases or what was taught holds some of
    them before he locks a row, so nobody waits in a ring.
    """
    with transaction.atomic():
        if write:
            lock_buckets(range(BUCKETS), wait_seconds=None)
        rows = _rows_after(after, write)
        if not rows:
            return None, Counter()
        identities = [identity_of_customer(row) for row in rows]
        frequency = _frequency(identities, counts)
        found = [_Customer(row, identity, frequency) for row, identity in zip(rows, identities, strict=True)]
        changed = [customer for customer in found if customer.differs]
        aliases = {alias: core for customer in found for alias, core in customer.alias_cores()}
        taught = _relearnt({customer.row.pk: customer for customer in found})
        if write:
            _store_rows(changed)
            _store_aliases(aliases)
            _store_taught(taught)
    ids = {customer.row.pk for customer in changed} | {alias.customer_id for alias in aliases} | {pk for pk, _row in taught}
    part = Counter(customers=len(rows), changed=len(ids))
    part["keys_added"] = sum(len(customer.keys - customer.before) for customer in changed)
    part["keys_removed"] = sum(len(customer.before - customer.keys) for customer in changed)
    return rows[-1].pk, part


def _rows_after(after: UUID | None, write: bool) -> list[Customer]:
    """Locked against other changes, but not against deals that come to them."""
    rows = Customer.objects.filter(pk__gt=after) if after else Customer.objects.all()
    rows = rows.order_by("pk").prefetch_related(Prefetch("aliases", CustomerAlias.objects.order_by("pk")))
    return list((rows.select_for_update(of=("self",), no_key=True) if write else rows)[:CHUNK])


def _frequency(identities: Iterable[Identity], counts: Counts) -> Frequency:
    known = counts([*{token for identity in identities for name in identity.names for token in name.tokens}, ""])
    return Frequency(known, max(known.pop("", 0), 1000))


@dataclass
class _Lesson:
    """What one word of a person taught a customer, as its undo reads it (`forget_aliases`), and the row that keeps it."""

    row: Taught
    taught: dict[str, Any]


def _relearnt(customers: dict[UUID, _Customer]) -> list[tuple[UUID, Taught]]:
    """Rows that keep what these customers were taught, where that is other keys or words now; each with its customer."""
    first, last = min(customers), max(customers)
    here = Q(kept__gte=first, kept__lte=last) | Q(merged__gte=first, merged__lte=last)
    merges = CustomerMerge.objects.filter(here, status=MergeStatus.DONE)
    lessons: dict[UUID, list[_Lesson]] = defaultdict(list)
    changed: list[tuple[UUID, Taught]] = []
    for merge in merges.order_by():
        lessons[merge.kept_id].append(_Lesson(merge, merge.moved["taught"]))
        if merge.merged_id in customers and _rename(merge, customers[merge.merged_id].identity.name_key):
            changed.append((merge.merged_id, merge))
    verdicts = IdentityVerdict.objects.standing().filter(customer__gte=first, customer__lte=last).exclude(taught={})
    for verdict in verdicts.only("customer", "taught").order_by():
        lessons[verdict.customer_id].append(_Lesson(verdict, verdict.taught))
    for pk, customer in customers.items():
        for alias in customer.aliases:
            if alias.brought_keys is not None:
                taught = {"mark": str(alias.pk), "aliases": [str(alias.pk)], "keys": alias.brought_keys}
                lessons[pk].append(_Lesson(alias, taught))
    return changed + [(pk, row) for pk, customer in customers.items() if pk in lessons for row in _relearn(customer, lessons[pk])]


def _rename(merge: CustomerMerge, name: Name) -> bool:
    """Which words come back to the counts when the merge is undone; whether they are others now."""
    before, merge.moved["tokens"] = merge.moved["tokens"], sorted(_words_of(name))
    return bool(before != merge.moved["tokens"])


def _relearn(customer: _Customer, lessons: list[_Lesson]) -> Iterator[Taught]:
    """As if all had been taught anew, in the same order: to each what the customer would not be found by without it."""
    lessons.sort(key=lambda lesson: str(lesson.taught["mark"]))
    known = customer.keys_without({pk for lesson in lessons for pk in lesson.taught["aliases"]})
    for lesson in lessons:
        mine = customer.keys_by(lesson.taught["aliases"])
        keys, known = sorted(mine - known), known | mine
        if keys != lesson.taught["keys"]:
            lesson.taught["keys"] = keys
            if isinstance(lesson.row, CustomerAlias):
                lesson.row.brought_keys = keys
            yield lesson.row


def _store_rows(changed: Sequence[_Customer]) -> None:
    """The trigger adds the new keys."""
    if not changed:
        return
    ids = [customer.row.pk for customer in changed]
    keys = [bulk.array(sorted(customer.keys)) for customer in changed]
    bulk.run(ROWS, [ids, [customer.core for customer in changed], keys])
    gone = [(key, customer.row.pk) for customer in changed for key in customer.gone()]
    if gone:
        bulk.run(KEYS_GONE, [[key for key, _pk in gone], [pk for _key, pk in gone]])


def _store_aliases(cores: dict[CustomerAlias, str]) -> None:
    """First out of each other's way: one gets the core that the same name, learned again, has until then."""
    if cores:
        ids = [alias.pk for alias in cores]
        bulk.run(ALIASES, [ids, [str(pk) for pk in ids]])
        bulk.run(ALIASES, [ids, list(cores.values())])


def _store_taught(taught: Iterable[tuple[UUID, Taught]]) -> None:
    kept: dict[str, type[models.Model]] = {"brought_keys": CustomerAlias, "taught": IdentityVerdict, "moved": CustomerMerge}
    rows = [row for _pk, row in taught]
    for column, model in kept.items():
        mine = {row.pk: row for row in rows if isinstance(row, model)}
        model._default_manager.bulk_update(list(mine.values()), [column])

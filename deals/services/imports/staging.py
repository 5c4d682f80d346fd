"""Between the staged file and the register: duplicates within the file, customers, refs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from uuid import UUID

from django.utils.translation import gettext as _

from deals.queries.customer import token_counts
from deals.services.customer import BUCKETS, buckets_of, lock_buckets
from deals.services.resolution import Resolver, normalised
from prm.core import bulk
from prm.core.identifiers import make_ref, uuid7
from prm.core.tabular import Problems
from prm.core.tabular.report import Progress
from prm.matching import Identity, to_int64

CHUNK = 5000
SOURCE_LOCK = 0x1E
IDENTITY = ("customer_name", "domain", "country", "city", "registration_number", "street", "postcode", "phone")
SAMPLE = 10_000
ANALYSE_FROM = 10_000


def lock_source(kind: str, source: str) -> None:
    """One import of this kind and source at a time."""
    number = to_int64(f"{kind}:{source}") % 2**31
    bulk.run("SELECT pg_advisory_xact_lock(%s, %s)", [SOURCE_LOCK, number])


def report_repeats(table: str, key: str, column: str, problems: Problems) -> list[int]:
    """A key that stands in the file twice is an error at its second line. `key`: SQL over the staged columns."""
    repeats = bulk.rows(
        f"SELECT line, first FROM (SELECT line, min(line) OVER (PARTITION BY {key}) AS first FROM {table}) AS s "  # noqa: S608
        "WHERE line <> first ORDER BY line"
    )
    for line, first in repeats:
        problems.add(line, column, _("This stands on line %(line)d already.") % {"line": first})
    return [line for line, _first in repeats]


def resolve_staged(table: str, wanted: str, columns: Collection[str], *, prefix: str, progress: Progress) -> int:
    """Find or make the customer of each staged row for which `wanted` (SQL) holds, under the identity locks. `table`: SQL.

    Fills `import_rows` (line, customer_id, id, ref): id and ref are those of a new row. `columns`: which parts of an identity
    are staged. Returns how many customers were made.
    """
    bulk.temp_table("import_rows", "line int PRIMARY KEY, customer_id uuid, id uuid, ref text")
    [(total,)] = bulk.rows(f"SELECT count(*) FROM {table} WHERE {wanted}")  # noqa: S608
    if not total:
        return 0
    _lock_staged(table, wanted, columns, total)
    words = _words_of(table, wanted) if total > CHUNK else Counter[str]()

    def counts(tokens: Collection[str]) -> dict[str, int]:
        known = token_counts(tokens)
        return {token: most for token in tokens if (most := max(known.get(token, 0), words.get(token, 0)))}

    resolver = Resolver(learn=True, counts=counts)
    done = 0
    for lines, identities in _chunks(table, wanted, columns):
        answers = resolver.resolve(identities)
        _keep(lines, answers, prefix)
        done += len(lines)
        if done == CHUNK and total > ANALYSE_FROM:
            bulk.run("ANALYZE deals_customer, deals_customeralias")
        progress("customers", done, total)
    resolver.close()
    _part_refs(prefix)
    if resolver.created > ANALYSE_FROM:
        bulk.run("ANALYZE deals_customer, deals_customeralias, deals_tokencount")
    bulk.run("ANALYZE import_rows")
    return resolver.created


def _chunks(table: str, wanted: str, columns: Collection[str]) -> Iterator[tuple[list[int], list[Identity]]]:
    """Lines and identities, in the order of the file."""
    known = [name for name in IDENTITY if name in columns]
    after = 0
    while True:
        found = bulk.rows(
            f"SELECT line, {', '.join(known)} FROM {table} WHERE {wanted} AND line > %s ORDER BY line LIMIT {CHUNK}",  # noqa: S608
            [after],
        )
        if not found:
            return
        after = found[-1][0]
        names = ["name" if name == "customer_name" else name for name in known]
        yield [row[0] for row in found], [Identity(**dict(zip(names, row[1:], strict=True))) for row in found]


def _lock_staged(table: str, wanted: str, columns: Collection[str], total: int) -> None:
    """All locks in one ascending sweep; a large file needs every one of them."""
    if total > 4 * BUCKETS:
        lock_buckets(range(BUCKETS), wait_seconds=None)
        return
    buckets: set[int] = set()
    for _lines, identities in _chunks(table, wanted, columns):
        for identity in identities:
            buckets |= buckets_of(identity)
    lock_buckets(buckets, wait_seconds=None)


def _words_of(table: str, wanted: str) -> Counter[str]:
    """In how many names of the file a word occurs, about: from a sample of them. The empty word counts the names."""
    bulk.temp_table("import_names", "n bigint PRIMARY KEY, name text")
    bulk.run(
        "INSERT INTO import_names SELECT row_number() OVER (), customer_name "  # noqa: S608
        f"FROM (SELECT DISTINCT customer_name FROM {table} WHERE {wanted}) AS s"
    )
    [(names,)] = bulk.rows("SELECT count(*) FROM import_names")
    step = max(1, names // SAMPLE)
    words: Counter[str] = Counter()
    for (name,) in bulk.rows("SELECT name FROM import_names WHERE n %% %s = 0", [step]):
        words.update({*normalised(name).tokens, ""})
    return Counter({word: count * step for word, count in words.items()})


def _keep(lines: list[int], answers: list[tuple[UUID | None, bool]], prefix: str) -> None:
    refs = bulk.free_refs(TABLE_OF[prefix], prefix, len(lines)) if prefix else [None] * len(lines)
    bulk.copy_rows(
        "import_rows",
        ("line", "customer_id", "id", "ref"),
        ((line, answer[0], uuid7(), ref) for line, answer, ref in zip(lines, answers, refs, strict=True)),
    )


TABLE_OF = {"O": "deals_opportunity"}


def _part_refs(prefix: str) -> None:
    """Refs of different chunks may be the same by chance."""
    if not prefix:
        return
    while True:
        same = bulk.rows(
            "SELECT line FROM (SELECT line, row_number() OVER (PARTITION BY ref ORDER BY line) AS n FROM import_rows) AS s "
            "WHERE n > 1"
        )
        if not same:
            return
        for (line,) in same:
            bulk.run("UPDATE import_rows SET ref = %s WHERE line = %s", [make_ref(prefix), line])

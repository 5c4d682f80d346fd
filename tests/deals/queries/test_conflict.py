"""The whole duplicate check: bad input has a defined outcome, a name alone declines only when it is rare, work is bounded."""

import random
import string
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deals.models import Customer, MatchKey, TokenCount
from deals.queries import candidates
from deals.queries.conflict import Question, check, check_all
from deals.queries.in_the_way import THINGS
from deals.queries.policy import rules_at
from deals.rules.conflict import Asking
from prm.core import bulk
from prm.matching import Frequency, Identity, identity_keys, normalise_name
from prm.matching.decide import RARE_WORD_AT_MOST
from prm.matching.keys import EXACT_FIRST, MAX_CANDIDATES, MAX_PROBES, ROWS_PER_EXACT_KEY, ROWS_PER_KEY
from tests.deals.material import approved, opportunity

pytestmark = pytest.mark.django_db


def asked(name="", **fields):
    now = timezone.now()
    return check(Question(Identity(name=name, **fields), Asking(submitted_at=now)), rules_at(now), now.date())


@pytest.mark.parametrize(
    ("known", "name", "outcome", "rule"),
    [
        ("X", "X", "review", "likely_same"),
        ("X", "Y", "clear", "nothing_alike"),
        ("GmbH", "Gesellschaft mit beschränkter Haftung", "clear", "nothing_alike"),
        ("Inc.", "Inc", "review", "likely_same"),
        ("Zumtobel Lighting GmbH", "GmbH", "clear", "nothing_alike"),
        ("Zumtobel Lighting GmbH", "🙂", "clear", "nothing_alike"),
        ("Zumtobel Lighting GmbH", "Zumtobel 🙂 Lighting", "decline", "open_opportunity"),
        ("Zumtobel Lighting GmbH", "\u202eZumtobel\u202c \u200fLighting\u200e", "decline", "open_opportunity"),
        ("Zumtobel Lighting GmbH", "ZUMTOBEL\u00a0LIGHTING", "decline", "open_opportunity"),
        ("Zumtobel Lighting GmbH", "Zumtоbel Lighting", "review", "likely_same"),  # a Cyrillic o
        ("Zumtobel Lighting GmbH", "Ζumtobel Lighting", "review", "likely_same"),  # a Greek Zeta
        ("Apple Inc.", "Аррle", "review", "likely_same"),  # a Cyrillic A and two r
        ("Coca", "СОСА", "review", "likely_same"),  # all Cyrillic
        ("Zumtobel Lighting GmbH", "Zumtobel Лайтинг", "clear", "nothing_alike"),
        ("Zumtobel Lighting GmbH", "x" * 10_000, "clear", "nothing_alike"),
        ("Zumtobel Lighting GmbH", "Zumtobel Lighting " * 600, "review", "likely_same"),  # it begins with a known name
        ("Zumtobel Lighting GmbH", "", "clear", "nothing_alike"),
        ("Zumtobel Lighting GmbH", "\x00\ufffe", "clear", "nothing_alike"),
        ("Zumtobel Lighting GmbH", "\ud800", "clear", "nothing_alike"),
        ("Zumtobel Lighting GmbH", "Zumtobel\x00 Lighting", "decline", "open_opportunity"),
    ],
)
def test_odd_names_have_one_outcome_each(cast, known, name, outcome, rule):
    opportunity(known)
    verdict = asked(name, country="AT")
    assert (verdict.outcome, verdict.rule) == (outcome, rule)


def test_a_look_alike_of_a_protected_name_goes_to_a_person(cast):
    approved(cast.globex, cast.boris, cast.carl, "Andritz AG")
    assert asked("Andritz", country="AT").outcome == "decline"
    for name in ("Аndritz", "Andrіtz AG", "Аndritz"):
        assert asked(name, country="AT").outcome == "review", name


def test_a_public_mail_host_says_nothing_about_a_company(cast):
    opportunity("Zumtobel Lighting GmbH", domain="gmail.com")
    assert asked("Swarovski KG", domain="bob@gmail.com").rule == "nothing_alike"
    assert asked("Zumtobel Lighting", domain="ann@yahoo.com").outcome == "decline", "nor does it contradict"


def test_a_number_with_wrong_check_digits_is_no_evidence(cast):
    opportunity("Zumtobel Lighting GmbH", country="FR", registration_number="404833049")
    assert asked("Swarovski KG", country="FR", registration_number="404833049").rule == "nothing_alike"
    opportunity("Andritz AG", country="FR", registration_number="404833048", external_id="right")
    assert asked("Swarovski KG", country="FR", registration_number="404833048").outcome == "decline"


@pytest.mark.parametrize(("names", "outcome"), [(RARE_WORD_AT_MOST, "decline"), (RARE_WORD_AT_MOST + 1, "review")])
def test_a_name_alone_declines_only_when_its_rarest_word_is_rare(cast, names, outcome):
    opportunity("First Bancorp")
    TokenCount.objects.update_or_create(token="first", defaults={"names": names})
    TokenCount.objects.update_or_create(token="bancorp", defaults={"names": 900})
    assert asked("First Bancorp Inc.").outcome == outcome


def _crowd(count, name_of):
    """So many customers by COPY, their keys made as an import makes them; every word is common."""
    lots = random.Random(3)
    names = [name_of(lots) for _ in range(count)]
    frequency = Frequency.of(map(normalise_name, names))
    blank = ("country", "city", "domain", "registration_number", "street", "postcode", "phone")
    bulk.copy_rows(
        "deals_customer",
        ("id", "created_at", "ref", "name", "core", "match_keys", *blank),
        (
            (uuid.uuid4(), timezone.now(), f"C-{n:08d}", name, normalise_name(name).core, keys, *[""] * len(blank))
            for n, name in enumerate(names)
            for keys in [bulk.array({key for _, key in identity_keys(Identity(name), frequency)})]
        ),
    )
    bulk.copy_rows("deals_tokencount", ("token", "names"), frequency.counts.items())
    TokenCount.objects.create(token="", names=count)


SYLLABLES = ["ba", "na", "ban", "ana"]


def _alike(lots):
    """Names made of so few syllables that their parts, words and edges are everywhere."""
    return " ".join("".join(lots.choices(SYLLABLES, k=lots.randrange(1, 5))) for _ in range(lots.randrange(1, 5)))


def test_the_worst_name_is_bounded_work_by_construction(monkeypatch):
    """At about 10⁵ keys that collide as much as keys can: probes, rows per key, candidates and queries stay within their caps."""
    _crowd(6_000, _alike)
    assert MatchKey.objects.count() > 50_000
    seen = []
    real = bulk.prepared_rows

    def spy(sql, params=None):
        found = real(sql, params)
        if "deals_matchkey" in sql:
            read = bulk.rows(
                "SELECT count(*) FROM unnest(%s::bigint[], %s::int[]) AS k(key, most) CROSS JOIN LATERAL "
                "(SELECT FROM deals_matchkey WHERE key = k.key LIMIT k.most) AS m",
                params[1:],
            )[0][0]
            _, keys, most = (array.strip("{}").split(",") for array in params)
            seen.append((len(keys), most.count(str(ROWS_PER_EXACT_KEY)), read, len(found)))
        return found

    monkeypatch.setattr(bulk, "prepared_rows", spy)
    lots = random.Random(5)
    worst = [" ".join("".join(lots.choices(SYLLABLES, k=4)) for _ in range(words)) for words in (1, 2, 3, 4, 5, 6, 12, 20)]
    worst += ["ban" * 16, "banana", "a " * 200, "".join(lots.choices(string.ascii_lowercase, k=400)), "ba na " * 70]
    for name in worst:
        with CaptureQueriesContext(connection) as queries:
            verdict = asked(name, aliases=tuple(worst))
        assert len(verdict.findings) <= THINGS + MAX_CANDIDATES
        assert len(queries) <= 14
    for probes, exact, read, found in seen:
        assert probes <= MAX_PROBES
        assert exact <= EXACT_FIRST
        assert read <= EXACT_FIRST * ROWS_PER_EXACT_KEY + (MAX_PROBES - EXACT_FIRST) * ROWS_PER_KEY
        assert found <= MAX_CANDIDATES
    assert max(read for _, _, read, _ in seen) > 2_000, "these names do collide"
    entries = [len(rows) for rows in candidates.candidates_for([Identity(name) for name in worst]).rows]
    assert max(entries) <= candidates.ALIKE + candidates.SAME_AT_MOST


def test_of_many_alike_the_same_country_is_looked_at_first(cast):
    for n in range(40):
        opportunity(f"Timely Shipping Nr{n}x", country="US" if n else "NO", external_id=f"T{n}")
    [found] = candidates.candidates_for([Identity("Timely Shipping", country="NO")]).rows
    assert "Timely Shipping Nr0x" in {entry.identity.name for entry in found}


def test_many_questions_at_once_answer_as_each_alone(cast):
    opportunity("Zumtobel Lighting GmbH")
    parent = Customer.objects.get()
    opportunity("Swarovski KG", external_id="S")
    Customer.objects.filter(name="Swarovski KG").update(parent=parent)
    now = timezone.now()
    names = ["Zumtobel Lighting", "Swarovski", "Zumtobel Lihgting", "Nobody", "🙂", "Zumtobel Lighting"]
    questions = [Question(Identity(name), Asking(submitted_at=now)) for name in names]
    together = check_all(questions, rules_at(now), now.date())
    alone = [check(question, rules_at(now), now.date()) for question in questions]
    assert together == alone
    assert "sister_organisation" in {finding.rule for verdict in together for finding in verdict.findings}

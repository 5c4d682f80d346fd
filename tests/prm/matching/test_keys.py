import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.matching import (
    Frequency,
    Identity,
    candidate_keys,
    compare,
    identity_keys,
    lock_keys,
    normalise_name,
    query_keys,
    ranked,
    to_int64,
)
from prm.matching.keys import MAX_CANDIDATES, MAX_LOOSE, MAX_PROBES, MAX_STORED
from prm.matching.segments import PARTS, cuts, deletions, probed_pairs, stored_pairs, swapped_pairs
from prm.matching.variants import MIX, edit, queries, recombine, split_form, vary

NONE = Frequency()
BAD = [
    "",
    "X",
    "Inc.",
    "😀",
    "x" * 10_000,
    "a b " * 3_000,
    "the " * 3_000,
    "ﷺ" * 9_000,
    "а" * 10_000,
    "Аpple",
    "СОСА",
    "\u202eevil\u202c",
]


def found(stored, query, frequency=NONE):
    keys = {key for _, key in candidate_keys(normalise_name(stored), frequency)}
    return any(key in keys for _, key in query_keys(normalise_name(query), frequency))


@pytest.mark.parametrize(
    ("stored", "query"),
    [
        ("Globant Inc", "GlobantINC"),
        ("Foxby Corp.", "FOXBYC orp."),
        ("Uber Technologies, Inc.", "Uber"),
        ("Uber", "Uber Technologies, Inc."),
        ("TheRealReal, Inc.", "The RealReal"),
        ("The RealReal, Inc.", "TheRealReal"),
        ("Super Micro Computer", "Supermicro Computer"),
        ("Pacific Gas & Electric Co.", "PGE"),
        ("Merant Inc", "Mer. Inc"),
        ("Acme Widget Manufacturing", "Manufacturing Acme Widget"),
        ("Acme Widget Manufacturing", "Acme Manufacturing"),
        ("Acme Widgets", "Acem Wigets"),
        ("Paysafe Media", "Pay. Media"),
        ("Coca", "СОСА"),
        ("Apple", "Аррle"),
        ("Hermes Accessories", "Hermes"),
        ("Ernst-Moritz-Arndt Universität Brackets", "Erns. Universität Brackets"),
        ("Rochester Community and Ciencias de la Educacion", "Community and Ciencias de la Educacion"),
        ("Consumer Toys", "Consmuer oTys"),
    ],
)
def test_variants_share_a_key(stored, query):
    assert found(stored, query)


@pytest.mark.parametrize("raw", BAD)
def test_bounded_for_any_name(raw):
    name = normalise_name(raw)
    assert len(candidate_keys(name, NONE)) <= MAX_STORED
    assert len(query_keys(name, NONE)) <= MAX_PROBES
    assert name.empty == (not candidate_keys(name, NONE)) == (not query_keys(name, NONE))


@settings(max_examples=200)
@given(st.text(max_size=80), st.dictionaries(st.text(alphabet=string.ascii_lowercase, max_size=3), st.integers(0, 10_000)))
def test_bounded_distinct_and_found_by_itself(raw, counts):
    name, frequency = normalise_name(raw), Frequency(counts, 10_000)
    stored, probed = candidate_keys(name, frequency), query_keys(name, frequency)
    assert len(set(stored)) == len(stored) <= MAX_STORED
    assert len(set(probed)) == len(probed) <= MAX_PROBES
    assert name.empty or set(stored) & set(probed)


def test_what_the_check_calls_the_same_name_shares_a_lock():
    one, other = Identity("Super Micro Widgets"), Identity("SuperMicro Widgets", country="US")
    assert compare(one, other, Frequency({}, 5000)).certain
    assert set(lock_keys(one)) & set(lock_keys(other))


def test_ranking_counts_exact_keys_most_and_shared_keys_by_their_rarity():
    assert ranked([["a"], [], [], [], ["b", "c"], ["b", "c", "d"], ["d"]]) == ["a", "d", "b", "c"]
    assert ranked([[], [], [], [], [*"xyz", "crowd"], ["rare"]])[0] == "rare"
    assert len(ranked([[], [], [], [], *(range(n, n + 100) for n in range(0, 9000, 100))])) == MAX_LOOSE
    assert len(ranked([range(5000), range(4000, 9000)])) == MAX_CANDIDATES


def test_a_whole_identity_is_bounded_too():
    identity = Identity(
        "Acme Holding", "acme.com", "DE", "HRB 1", phone="030 1234567", aliases=tuple(f"Alias {n} Ltd" for n in range(99))
    )
    assert len(identity_keys(identity, NONE, probe=True)) <= MAX_PROBES
    assert len(identity_keys(identity, NONE)) <= 13 * MAX_STORED + 10
    assert [kind for kind, _ in identity_keys(identity, NONE)][:3] == ["domain", "number", "phone"]


@settings(max_examples=200)
@given(st.text(alphabet="abcdefg", min_size=9, max_size=40), st.integers(0, 10_000))
def test_two_edits_leave_a_pair_of_parts(word, seed):
    rng = random.Random(seed)
    other = word
    for _ in range(2):  # one insertion, deletion or substitution each; a swap counts as two
        at = rng.randrange(len(other))
        new = rng.choice(["", "x", "xy"[: 2 if rng.random() < 0.5 else 1]])
        other = other[:at] + (new[:1] + other[at] if len(new) == 2 else new) + other[at + 1 :]
    assert set(stored_pairs(word)) & set(probed_pairs(other))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abcdefg", min_size=12, max_size=40), st.integers(0, 10_000))
def test_a_swap_anywhere_and_one_edit_leave_a_pair_of_parts(word, seed):
    rng = random.Random(seed)
    at = rng.randrange(len(word) - 1)
    other = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    at = rng.randrange(len(other))
    other = other[:at] + rng.choice(["", "x", f"x{other[at]}"]) + other[at + 1 :]
    probed = {*probed_pairs(other), *swapped_pairs(other)}
    assert set(stored_pairs(word)) & probed


def test_parts_cover_a_word():
    for length in range(6, 60):
        parts = cuts(length)
        assert len(parts) == PARTS
        assert (parts[0][0], parts[-1][1]) == (0, length)
        assert all(a[1] == b[0] for a, b in zip(parts, parts[1:], strict=False))


def test_deletions():
    assert set(deletions("abc")) == {"abc", "ab", "ac", "bc"}
    assert "ab" in deletions("axbx", 2)


def test_lock_keys_are_sorted_and_shared_by_spellings():
    a = lock_keys(Identity("ACME Ltd", "https://acme.com", "US", "91-1144442"))
    b = lock_keys(Identity("Acme Limited", "bob@acme.com", "us", "911144442"))
    assert a == b == sorted(a) == ["domain:acme.com", "name:acme:", "name:acme:US", "number:US:911144442"]
    assert set(lock_keys(Identity("Acme"))) <= set(a)
    assert lock_keys(Identity("😀", "bob@gmail.com", registration_number="none")) == []


def test_number_with_wrong_check_digits_locks_and_finds_nothing():
    identity = Identity("A", country="FR", registration_number="404833049")
    assert not [key for key in lock_keys(identity) if key.startswith("number")]
    assert not [kind for kind, _ in identity_keys(identity, NONE) if kind == "number"]


def test_hash_is_signed_and_never_changes():
    assert to_int64("domain:acme.com") == 6509405855467939003


def test_recombined_names_are_new_and_seeded():
    names = ["Acme Widget Inc", "Globex Pharma Ltd", "Initech Systems LLC", "Hooli Search Corp."]
    made = list(recombine(names, 8))
    assert made == list(recombine(names, 8))
    cores = [normalise_name(name).sorted_core for name in made]
    assert len(set(cores)) == 8
    assert not set(cores) & {normalise_name(name).sorted_core for name in names}


def test_queries_follow_the_mix():
    asked = list(queries(["Acme Widget Manufacturing Inc", "Globex Pharma Ltd"], 300))
    assert {kind for _, kind, _ in asked} == set(MIX)
    assert split_form("Acme Widget Inc.") == (["Acme", "Widget"], ["Inc."])
    rng = random.Random(1)
    assert vary("Acme Inc.", "form", rng) == "Acme"
    assert vary("Acme Widget Manufacturing Inc", "short", rng) == "Acme Widget mfg. Inc"
    assert vary("Acme", "rotated", rng) == vary("Acme", "dropped", rng) == "Acme"
    assert len({edit("acme", rng) for _ in range(60)}) > 10

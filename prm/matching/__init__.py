"""Organisation names and identities: normalise, keys, score, explain. Pure functions, no tables, no Django.

What others call:

- `normalise_name(str) -> Name` · `Identity(name, domain, country, registration_number, city, site, street, postcode, phone,
  aliases, domains)` · `clean_domain(str) -> str` · `clean_number(str, country) -> RegistrationNumber` · `clean_country(str)`
- `lock_keys(identity) -> list[str]` (sorted) and `to_int64(text)` for advisory locks
- `Frequency(counts, total)`: document frequency of words in the register; pass the counts of the words at hand
- `candidate_keys(name, frequency)` to store and `query_keys(name, frequency)` to probe, both `[(kind, int64)]`;
  `identity_keys(identity, frequency, probe=False)` does both for a whole identity (domain, number, phone, name, aliases).
  Keep them as rows (key, customer); read at most `ROWS_PER_KEY` rows per key, rank as `ranked` does, keep `MAX_CANDIDATES`
- `shortlist(name, [(id, core)], limit)`: sieve many candidates before
- `compare(a, b, frequency) -> Comparison(score, terms, matched_fields, contradictions, certainty, rule, version)`
"""

from .compare import Comparison, compare, shortlist
from .decide import CERTAIN, LIKELY, UNLIKELY
from .domains import clean_domain, is_public_mail
from .explain import Reason, explain
from .frequency import Frequency
from .identity import Identity, clean_country
from .keys import MAX_CANDIDATES, ROWS_PER_KEY, candidate_keys, identity_keys, lock_keys, query_keys, ranked, to_int64
from .normalise import Name, normalise_name
from .numbers import RegistrationNumber, clean_number
from .score import Model, Term, load_model, parse_model

__all__ = [
    "CERTAIN", "LIKELY", "MAX_CANDIDATES", "ROWS_PER_KEY", "UNLIKELY", "Comparison", "Frequency", "Identity", "Model",
    "Name", "Reason",
    "RegistrationNumber", "Term", "candidate_keys", "clean_country", "clean_domain", "clean_number", "compare", "explain",
    "identity_keys",
    "is_public_mail", "load_model", "lock_keys", "normalise_name", "parse_model", "query_keys", "ranked", "shortlist", "to_int64",
]  # fmt: skip

"""Who an organisation is, as far as we know it. Blank always means unknown, never different."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from babel import Locale

from .domains import clean_domain
from .normalise import Name, normalise_name
from .numbers import RegistrationNumber, clean_number
from .text import clean, fold, words

MAX_ALIASES = 12
_COUNTRY_WORDS = {
    "uk": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "usa": "US",
    "korea": "KR",
    "uae": "AE",
    "holland": "NL",
    "el": "GR",
}
_STREET_WORDS = {
    "street": "st", "str": "st", "strasse": "st", "straat": "st", "avenue": "ave", "av": "ave", "road": "rd", "drive": "dr",
    "boulevard": "blvd",
    "suite": "ste", "lane": "ln", "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """English names of countries, in plain words, to their ISO 3166 code."""
    territories = {
        code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha() and code != "ZZ"
    }
    names = {" ".join(words(fold(name))): code for code, name in territories.items()}
    return names | _COUNTRY_WORDS


@lru_cache(maxsize=4096)
def clean_country(raw: str | None) -> str:
    """ISO 3166 alpha-2 code of a code or English name; empty when unknown."""
    text = " ".join(words(fold(clean(raw or "").text)))
    known = country_names()
    if text in known:
        return known[text]
    return text.upper() if len(text) == 2 and text.upper() in known.values() else ""


@lru_cache(maxsize=4096)
def clean_place(raw: str | None) -> str:
    """City or site in plain words; what stands behind a comma (state, country) is left out."""
    return " ".join(words(fold(clean((raw or "").partition(",")[0]).text)))


@lru_cache(maxsize=4096)
def clean_street(raw: str | None) -> str:
    """Street with number in plain words, common words shortened, in sorted order (`Main St 5` is `5 Main Street`)."""
    return " ".join(sorted(_STREET_WORDS.get(word, word) for word in words(fold(clean(raw or "").text))))


@lru_cache(maxsize=4096)
def clean_phone(raw: str | None) -> str:
    """The last nine digits: enough to tell lines apart, blind to the spelling of the country code. `0000000` is none."""
    digits = re.sub(r"\D", "", clean((raw or "")[:60]).text)
    return digits[-9:] if len(digits) >= 7 and len(set(digits)) > 2 else ""


@dataclass(frozen=True)
class Identity:
    """One organisation as typed; the properties give each field in one spelling.

    `aliases` are other names and `domains` other web domains that staff have confirmed to be the same organisation.
    """

    name: str
    domain: str = ""
    country: str = ""
    registration_number: str = ""
    city: str = ""
    site: str = ""
    street: str = ""
    postcode: str = ""
    phone: str = ""
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @cached_property
    def name_key(self) -> Name:
        """The normalised name."""
        return normalise_name(self.name or "")

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The name and its aliases (`MAX_ALIASES` at most), normalised, empty ones left out."""
        known = (self.name_key, *(normalise_name(alias) for alias in self.aliases[:MAX_ALIASES]))
        return tuple(name for name in known if not name.empty)

    @cached_property
    def clean_domains(self) -> frozenset[str]:
        """Registrable domains that speak for the company; public mail hosts do not."""
        return frozenset(filter(None, map(clean_domain, (self.domain, *self.domains))))

    @cached_property
    def clean_country(self) -> str:
        """ISO 3166 alpha-2 code or empty."""
        return clean_country(self.country)

    @cached_property
    def number(self) -> RegistrationNumber:
        """The registration number with the verdict on its check digits."""
        return clean_number(self.registration_number, self.clean_country)

    @cached_property
    def places(self) -> dict[str, str]:
        """City, site, street, postcode and phone in one spelling; blank ones left out."""
        found = {
            "city": clean_place(self.city),
            "site": clean_place(self.site),
            "street": clean_street(self.street),
            "postcode": "".join(words(fold(clean(self.postcode or "").text))),
            "phone": clean_phone(self.phone),
        }
        return {field: value for field, value in found.items() if value}

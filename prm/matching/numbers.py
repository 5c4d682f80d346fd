"""Company registration numbers: one spelling, and check digits where python-stdnum knows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from types import ModuleType

from stdnum.exceptions import InvalidChecksum, ValidationError

from .text import clean, fold

# Modules of python-stdnum that number organisations, per country. The first whose shape fits decides.
SCHEMES = {
    "AR": "cuit", "AT": "businessid uid", "AU": "abn acn", "AZ": "voen", "BE": "vat", "BG": "vat", "BR": "cnpj", "BY": "unp",
    "CA": "bn",
    "CH": "uid", "CL": "rut", "CN": "uscc", "CO": "nit", "CR": "cpj", "CU": "ni", "CY": "vat", "CZ": "dic", "DE": "vat",
    "DK": "cvr", "DO": "rnc",
    "DZ": "nif", "EC": "ruc", "EE": "registrikood kmkr", "EG": "tn", "ES": "cif", "FI": "ytunnus", "FO": "vn",
    "FR": "siret siren tva", "GB": "vat",
    "GN": "nifp", "GR": "vat", "GT": "nit", "HR": "oib", "HU": "anum", "ID": "npwp", "IE": "vat", "IL": "hp", "IN": "gstin pan",
    "IS": "kennitala vsk", "IT": "iva", "JP": "cn", "KE": "pin", "KR": "brn", "LI": "peid", "LT": "pvm", "LU": "tva",
    "LV": "pvn", "MA": "ice",
    "MC": "tva", "MD": "idno", "ME": "pib", "MK": "edb", "MT": "vat", "MX": "rfc", "MZ": "nuit", "NL": "btw",
    "NO": "orgnr mva", "NZ": "ird",
    "PE": "ruc", "PL": "nip regon", "PT": "nif", "PY": "ruc", "RO": "cui", "RS": "pib", "RU": "ogrn inn", "SE": "orgnr vat",
    "SG": "uen",
    "SI": "ddv maticna", "SK": "dph", "SM": "coe", "SN": "ninea", "SV": "nit", "TN": "mf", "TR": "vkn", "TW": "ubn",
    "UA": "edrpou",
    "US": "ein", "UY": "rut", "VE": "rif", "VN": "mst", "ZA": "tin",
}  # fmt: skip
_PACKAGES = {"IN": "in_", "IS": "is_"}


@dataclass(frozen=True)
class RegistrationNumber:
    """`status` is valid (check digits hold), invalid (they do not) or unknown (no scheme known for that shape)."""

    value: str
    status: str
    scheme: str = ""

    @property
    def counts(self) -> bool:
        """May serve as evidence: present and not known to be wrong."""
        return bool(self.value) and self.status != "invalid"

    def same(self, other: RegistrationNumber) -> bool:
        """Both count and are equal."""
        return self.counts and other.counts and self.value == other.value

    def differs(self, other: RegistrationNumber) -> bool:
        """Both count, are numbers of one scheme, and are not equal. A tax and a court number say nothing about each other."""
        return self.counts and other.counts and self.scheme == other.scheme and self.value != other.value


@lru_cache(maxsize=256)
def _schemes(country: str) -> tuple[tuple[str, ModuleType], ...]:
    package = _PACKAGES.get(country, country.lower())
    return tuple((name, import_module(f"stdnum.{package}.{name}")) for name in SCHEMES.get(country, "").split())


def _compact(raw: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(clean(raw[:80]).text)).upper()


def _company_part(country: str, scheme: str, value: str) -> tuple[str, str]:
    """Numbers that contain the company's own number are reduced to it: French VAT and site numbers, Nordic VAT numbers."""
    value = _compact(value).removeprefix(country)
    if country == "FR":
        return "siren", value[2:11] if scheme == "tva" else value[:9]
    if (country, scheme) in (("SE", "vat"), ("NO", "mva")):
        return "orgnr", value[: 10 if country == "SE" else 9]
    return scheme, value


def clean_number(raw: str | None, country: str) -> RegistrationNumber:
    """One spelling of a registration number of `country` (ISO 3166 alpha-2), with the verdict on its check digits.

    Capitals and digits only, without the country's letters in front. A shape that no scheme knows is `unknown`, which still
    is evidence; wrong check digits are `invalid`, which is none.
    """
    compact = _compact(raw) if raw else ""
    if not compact or not re.search(r"\d", compact):
        return RegistrationNumber("", "unknown")
    bare = compact.removeprefix(country) if country and len(compact) > 5 else compact
    wrong = False
    for name, scheme in _schemes(country):
        for form in dict.fromkeys((compact, bare)):
            try:
                kind, value = _company_part(country, name, scheme.validate(form))
                return RegistrationNumber(value, "valid", kind)
            except InvalidChecksum:
                wrong = True
            except (ValidationError, ValueError, IndexError, KeyError):
                continue
    if wrong:
        return RegistrationNumber(bare, "invalid")
    return RegistrationNumber(bare.lstrip("0") or "0" if bare.isdigit() else bare, "unknown")

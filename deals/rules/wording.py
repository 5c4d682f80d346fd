"""The rules of the duplicate check in words, for partners (who never learn the holder) and for staff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from prm.matching.features import SAMENESS

RULES = {
    "protected": _("This customer is protected for another registration of the same products."),
    "open_opportunity": _("Our own team is working on an open opportunity with this customer for the same products."),
    "own_deal": _("Your own company has this registered already."),
    "linked_deal": _("A company you work with has registered the same: you can ask to join that deal."),
    "earlier_registration": _("The same was registered earlier and is not decided yet; the earliest submission leads."),
    "earlier_approved": _("The same was registered earlier, and that registration was approved."),
    "registered_again": _(
        "The same company gave this up a short time ago, or its protection ended: a person looks whether there is something new."
    ),
    "stale_opportunity": _(
        "An opportunity with this customer is open but was not touched for a long time: a person looks at it."
    ),
    "sister_organisation": _("A sister organisation of this customer is being worked on: a person looks at it."),
    "other_country": _("A company of the same name in another country is being worked on: a person looks at it."),
    "other_form": _("A company of the same name with another legal form is being worked on: a person looks at it."),
    "other_site": _("Another site of this customer is being worked on: a person looks at it."),
    "likely_same": _("Something very like it is being worked on: a person looks whether it is the same."),
    "same_tender": _("Others take part in the same tender: that is allowed, and a person looks at it."),
    "other_project": _("Another project of this customer is protected: a person looks at it."),
    "shared_protection": _("The protection of this customer is shared: a person looks at it."),
    "other_products": _("This customer is being worked on for other products only."),
    "known_customer": _("The customer is known; nothing stands in the way."),
    "similar_customer": _("A customer of a similar name is known; nothing stands in the way."),
    "kept_apart": _("A customer of a similar name is known; nothing stands in the way."),
    "registered_later": _("Others registered it after you."),
    "nothing_alike": _("Nothing alike is known."),
    "not_alike": _("Nothing alike is known."),
    "not_submitted": _("Nothing stands in the way."),
}
FIELD_NAMES = {
    "name": _("name"),
    "legal_form": _("legal form"),
    "domain": _("web domain"),
    "registration_number": _("registration number"),
    "country": _("country"),
    "city": _("city or site"),
    "site": _("site"),
    "street": _("street"),
    "phone": _("phone"),
    "products": _("products"),
}

TERMS = {
    "same_name": _("the names are the same but for legal form, order and spelling signs"),
    "shared_words": _("%(percent)s %% of the words’ weight is shared"),
    "spelling": _("the spelling agrees to %(percent)s %%"),
    "first_word": _("the first words are alike"),
    "rare_word": _("a rare word is shared, or nearly"),
    "acronym": _("one name is the initials of the other"),
    "begins": _("one name begins with the other"),
    "begins_long": _("one name begins with the several words of the other"),
    "same_head": _("the same up to a legal form inside the name"),
    "same_domain": _("same web domain"),
    "same_number": _("same registration number and country"),
    "same_country": _("same country"),
    "same_city": _("same city"),
    "same_street": _("same street"),
    "same_phone": _("same phone number"),
    "rare_extra": _("one name has a telling word more"),
    "after_extra": _("one name goes on with a telling word"),
    "both_extra": _("each name has a telling word that the other lacks"),
    "other_figures": _("the numbers in the names differ"),
    "other_note": _("the remarks in brackets differ"),
    "other_form": _("the legal forms differ"),
    "foreign_form": _("the legal forms are of different countries"),
    "look_alike": _("letters of another script that look like Latin ones"),
    "other_place": _("one name has a place that the other lacks"),
    "everyday_word": _("all they share is one everyday word"),
    "other_domain": _("different web domains"),
    "other_number": _("different registration numbers"),
    "other_country": _("different countries"),
    "other_city": _("different cities"),
    "other_site": _("different sites"),
    "kept_apart": _("a person decided on %(day)s that they are not the same"),
}


def term_text(term: Mapping[str, Any]) -> str:
    """One of the largest terms of a score, as stored with the candidate (a key and what fills it), in the reader's language."""
    return str(TERMS[term["key"]]) % term


def terms_in_words(terms: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The same for all of them: what speaks for one organisation, and what against."""
    told: tuple[list[str], list[str]] = ([], [])
    for term in terms:
        told[term["key"] not in SAMENESS].append(term_text(term))
    return told


def rule_text(rule: str) -> str:
    """The rule in the reader's language."""
    return str(RULES.get(rule, rule))

"""A person's word on a pair: what it teaches, how it is taken back, and that the next check follows it."""

from __future__ import annotations

import pytest

from deals.enums import DealStatus, Judged, JudgedAt, MatchedKind, Outcome, VerdictStatus
from deals.models import Conflict, ConflictCandidate, Customer, CustomerAlias, Deal, IdentityVerdict, MatchKey, Opportunity
from deals.queries.conflict import identity_of_customer
from deals.queries.verdict import compare_pair, customer_of, get_candidate, get_verdict, judged_between, said_of, words_for
from deals.rules.verdict import name_sign, stays_apart
from deals.services import verdict as services
from deals.services.customer import resolve_customer
from deals.services.deal import withdraw_deal
from deals.services.decision import approve_deal
from deals.services.imports import import_opportunities
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed, NotVisible, StaleState
from prm.core.identifiers import uuid7
from prm.matching import Identity
from tests.deals.material import approved, opportunity, submitted

pytestmark = pytest.mark.django_db
SAME, DIFFERENT = Judged.SAME, Judged.DIFFERENT


def first(deal: Deal) -> ConflictCandidate:
    """The leading candidate of the newest check, as the door gives it."""
    conflict = Conflict.objects.filter(deal=deal).order_by("-created_at").first()
    row = conflict.candidates.first()
    return get_candidate(None, deal, row.pk)


def newest(deal: Deal) -> Conflict:
    return Conflict.objects.filter(deal=deal).order_by("-created_at").first()


@pytest.fixture
def similar(cast):
    """A registration whose name is like that of an open opportunity: likely, so in review."""
    opportunity("Zumtobel Lighting Systems GmbH")
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH")
    assert (newest(deal).outcome, deal.status) == (Outcome.REVIEW, DealStatus.IN_REVIEW)
    return deal


@pytest.fixture
def certain(cast):
    """Declined by rule: the very name of an open opportunity."""
    opportunity("Zumtobel Lighting GmbH")
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH")
    assert deal.status == DealStatus.DECLINED
    return deal


def test_same_teaches_the_name_and_the_next_check_is_certain(cast, similar):
    known = Opportunity.objects.get().customer
    keys = MatchKey.objects.filter(customer_id=known.pk).count()
    row = services.judge_candidate(first(similar), SAME, by=cast.carla)
    assert (row.verdict, row.status, row.by, row.customer) == (SAME, VerdictStatus.STANDING, cast.carla, known)
    assert row.asked["name"] == "Zumtobel Lighting GmbH" and row.known["name"] == "Zumtobel Lighting Systems GmbH"
    assert row.features["shared_words"] > 0.5 and row.certainty == "likely" and row.engine_version == "2"
    assert list(known.aliases.values_list("name", "core")) == [("Zumtobel Lighting GmbH", "zumtobel lighting")]
    assert MatchKey.objects.filter(customer_id=known.pk).count() == keys + len(row.taught["keys"]) > keys
    event = Event.objects.get(name="deals.verdict.recorded")
    assert (event.internal, event.partner_id, event.data["verdict"]) == (True, cast.acme.pk, "same")
    again = submitted(cast.globex, cast.boris, "Zumtobel Lighting GmbH")
    assert (again.status, newest(again).rule) == (DealStatus.DECLINED, "open_opportunity")


def test_an_undecided_registration_goes_over_to_the_customer_it_is_and_back(cast, similar):
    known, before = Opportunity.objects.get().customer, similar.customer
    assert before != known
    row = services.judge_candidate(first(similar), SAME, by=cast.carla)
    assert Deal.objects.get(pk=similar.pk).customer == known and row.moved_from == before
    services.withdraw_verdict(row, by=cast.carla)
    assert Deal.objects.get(pk=similar.pk).customer == before


def test_taking_it_back_forgets_what_it_taught(cast, similar):
    known = Opportunity.objects.get().customer
    before = sorted(known.match_keys)
    row = services.judge_candidate(first(similar), SAME, by=cast.carla)
    services.withdraw_verdict(get_verdict(cast.carla, row.ref), by=cast.dana)
    known.refresh_from_db()
    assert (known.aliases.count(), sorted(known.match_keys)) == (0, before)
    assert sorted(MatchKey.objects.filter(customer_id=known.pk).values_list("key", flat=True)) == before
    row.refresh_from_db()
    assert (row.status, row.ended_by) == (VerdictStatus.WITHDRAWN, cast.dana)
    assert newest(submitted(cast.globex, cast.boris, "Zumtobel Lighting GmbH")).outcome != Outcome.DECLINE
    assert Event.objects.filter(name="deals.verdict.withdrawn").count() == 1
    with pytest.raises(StaleState):
        services.withdraw_verdict(row, by=cast.carla)
    assert Event.objects.filter(name="deals.verdict.withdrawn").count() == 1


def test_a_domain_is_taught_as_well(cast):
    opportunity("Zumtobel Lighting GmbH", domain="zumtobel.com")
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH", website="zumtobel-light.at")
    row = services.judge_candidate(first(deal), SAME, by=cast.carla)
    assert set(row.customer.aliases.values_list("domain", flat=True)) == {"zumtobel-light.at"}
    again = submitted(cast.globex, cast.boris, "ZL Austria", website="www.zumtobel-light.at")
    assert (again.status, newest(again).matched_fields) == (DealStatus.DECLINED, ["domain", "country"])


def test_what_the_customer_knows_already_is_not_taught_twice(cast):
    """The very name at another place: a label, but nothing to learn; and a domain that is known leaves the name to learn."""
    opportunity("Zumtobel Lighting GmbH", city="Dornbirn", domain="zumtobel.com")
    first_ = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH", city="Wien")
    row = services.judge_candidate(first(first_), SAME, by=cast.carla)
    assert (row.taught["aliases"], row.taught["keys"]) == ([], [])
    services.withdraw_verdict(row, by=cast.carla)
    second = submitted(cast.globex, cast.boris, "ZL Licht Austria", website="zumtobel.com", country="DE")
    row = services.judge_candidate(first(second), SAME, by=cast.dana)
    assert list(row.customer.aliases.values_list("name", "domain")) == [("ZL Licht Austria", "")]


def test_not_the_same_is_never_again_by_name(cast, certain):
    known = Opportunity.objects.get().customer
    row = services.judge_candidate(first(certain), DIFFERENT, by=cast.carla)
    assert row.taught == {} and not CustomerAlias.objects.exists()
    again = submitted(cast.globex, cast.boris, "ZUMTOBEL Lighting Ges.m.b.H.")
    check = newest(again)
    assert (again.status, check.outcome, check.rule) == (DealStatus.IN_REVIEW, Outcome.CLEAR, "kept_apart")
    shown = check.candidates.get()
    assert (shown.kind, shown.customer, shown.certainty) == (MatchedKind.CUSTOMER, known, "unlikely")
    assert shown.terms == [{"key": "kept_apart", "day": row.at.date().isoformat()}]
    assert again.customer != known, "it is a customer of its own"
    assert submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH").status == DealStatus.WAITING, "behind its own earlier one"
    services.withdraw_verdict(row, by=cast.carla)
    third = submitted(cast.globex, cast.boris, "Zumtobel Lighting GmbH", city="Dornbirn")
    assert third.status == DealStatus.DECLINED


@pytest.mark.parametrize(
    "changes",
    [{"country": "DE"}, {"website": "zumtobel.com"}, {"registration_number": "FN 62309 g"}, {"city": "Dornbirn"}],
)
def test_the_word_holds_for_that_identity_only(cast, changes):
    """Another country, or a fact that agrees with the known customer, is new evidence."""
    given = {"domain": "zumtobel.com", "registration_number": "FN 62309 g", "city": "Dornbirn"}
    opportunity("Zumtobel Lighting GmbH", **given)
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH")
    services.judge_candidate(first(deal), DIFFERENT, by=cast.carla)
    assert newest(submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH")).rule == "kept_apart"
    again = submitted(cast.globex, cast.boris, "Zumtobel Lighting GmbH", **changes)
    assert newest(again).candidates.order_by("-outcome").filter(kind="opportunity").exists()


def test_an_undecided_registration_leaves_the_customer_it_is_not(cast):
    opportunity("Zumtobel Lighting GmbH", city="Dornbirn")
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH", city="Wien")
    known = Opportunity.objects.get().customer
    assert (deal.status, deal.customer) == (DealStatus.IN_REVIEW, known)
    row = services.judge_candidate(first(deal), DIFFERENT, by=cast.carla)
    deal.refresh_from_db()
    assert deal.customer != known and row.moved_from == known
    services.withdraw_verdict(row, by=cast.carla)
    assert Deal.objects.get(pk=deal.pk).customer == known


def test_an_import_keeps_them_apart_too(cast, certain, tmp_path):
    known = Opportunity.objects.get().customer
    services.judge_candidate(first(certain), DIFFERENT, by=cast.carla)
    columns = (
        "external_id,customer,domain,country,city,registration_number,products,amount,currency,stage,owner,opened_on,closed_on"
    )
    file = tmp_path / "pipeline.csv"
    rows = [
        "Y1,Zumtobel Lighting GmbH,,AT,,,GTX Pro,,,Open,,2026-01-01,",
        "Y2,Zumtobel Lighting,,DE,,,GTX Pro,,,Open,,2026-01-01,",
    ]
    file.write_text("\n".join([columns, *rows]))
    import_opportunities(file, source="other")
    other = Opportunity.objects.get(external_id="Y1").customer
    assert other != known
    assert resolve_customer(Identity("Zumtobel Lighting GmbH", country="AT"), by=None) == (other, False)


def test_the_same_word_twice_is_one_and_another_word_replaces_it(cast, similar):
    row = services.judge_candidate(first(similar), SAME, by=cast.carla)
    assert services.judge_candidate(first(similar), SAME, by=cast.dana) == row
    other = services.judge_candidate(first(similar), DIFFERENT, by=cast.dana)
    row.refresh_from_db()
    assert (row.status, row.ended_by, other.status) == (VerdictStatus.SUPERSEDED, cast.dana, VerdictStatus.STANDING)
    assert not CustomerAlias.objects.exists()
    names = list(Event.objects.filter(name__startswith="deals.verdict.").order_by("pk").values_list("name", flat=True))
    assert names == ["deals.verdict.recorded", "deals.verdict.superseded", "deals.verdict.recorded"]


@pytest.mark.parametrize("who", ["carl", "sam", "amir", "boris", "finn"])
def test_only_who_decides_may_judge(cast, similar, who):
    candidate = first(similar)
    with pytest.raises(NotAllowed):
        services.judge_candidate(candidate, SAME, by=getattr(cast, who))
    row = services.judge_candidate(candidate, SAME, by=cast.carla)
    with pytest.raises(NotAllowed):
        services.withdraw_verdict(row, by=getattr(cast, who))
    row.refresh_from_db()
    assert row.status == VerdictStatus.STANDING and IdentityVerdict.objects.count() == 1


def test_nobody_judges_what_another_manager_looks_after(cast):
    submitted(cast.globex, cast.boris, "Zumtobel Lighting Systems GmbH")
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH")
    candidate = first(deal)
    assert candidate.deal.partner == cast.globex
    with pytest.raises(NotAllowed, match="Another channel manager"):
        services.judge_candidate(candidate, SAME, by=cast.carla)
    row = services.judge_candidate(candidate, SAME, by=cast.dana)
    assert row.customer == candidate.deal.customer and customer_of(candidate) == row.customer_id


def test_a_customer_with_nothing_open_is_judged_as_well(cast):
    resolve_customer(Identity("Zumtobel Lighting Systems GmbH", country="AT"), by=None)
    deal = submitted(cast.acme, cast.amir, "Zumtobel Lighting GmbH")
    row = services.judge_candidate(first(deal), DIFFERENT, by=cast.carla)
    assert row.known["name"] == "Zumtobel Lighting Systems GmbH"
    again = submitted(cast.globex, cast.boris, "ZUMTOBEL LIGHTING Ges.m.b.H.")
    candidates = [get_candidate(None, again, pk) for pk in newest(again).candidates.values_list("pk", flat=True)]
    found = {candidate.kind: candidate.pk for candidate in candidates}
    assert list(said_of(candidates)) == [row] and list(said_of([])) == []
    words = words_for(cast.dana, again, candidates, said_of(candidates))
    assert (words[found["customer"]].row, words[found["deal"]].row) == (row, None)
    assert words[found["customer"]].may and words[found["customer"]].suggested == ""


def test_the_word_on_one_legal_form_does_not_free_another(cast):
    """ "Brookfield Co" is not "Brookfield Corporation": the latter stays taken, whoever asks."""
    opportunity("Brookfield Corporation")
    other = submitted(cast.acme, cast.amir, "Brookfield Co")
    services.judge_candidate(first(other), DIFFERENT, by=cast.carla)
    withdraw_deal(other, by=cast.amir)
    for name in ("Brookfield Corporation", "BROOKFIELD CORP"):
        again = submitted(cast.globex, cast.boris, name)
        assert (again.status, newest(again).rule) == (DealStatus.DECLINED, "open_opportunity"), name
    asked = newest(submitted(cast.globex, cast.boris, "Brookfield"))
    assert (asked.outcome, asked.rule) == (Outcome.REVIEW, "likely_same"), "it may be either"


def test_a_word_taken_back_stands_in_the_way_of_what_it_waved_through(cast, certain):
    """Undecided registrations keep the check they were shown with: before one is approved it is looked at again."""
    row = services.judge_candidate(first(certain), DIFFERENT, by=cast.carla)
    again = submitted(cast.globex, cast.boris, "Zumtobel Lighting GmbH")
    assert newest(again).outcome == Outcome.CLEAR
    services.withdraw_verdict(row, by=cast.carla)
    with pytest.raises(StaleState, match="More stands in the way"):
        approve_deal(again, by=cast.dana)
    again.refresh_from_db()
    assert (again.status, newest(again).rule) == (DealStatus.IN_REVIEW, "open_opportunity"), "kept, to be read"
    assert approve_deal(again, by=cast.dana).status == DealStatus.APPROVED, "having read it, the person decides"
    assert again.conflicts.count() == 2


@pytest.mark.parametrize("form", ["Corp", "LLC", "S.A."])
def test_same_teaches_another_legal_form(cast, form):
    known = opportunity("Zorblax Co").customer
    deal = submitted(cast.acme, cast.amir, f"Zorblax {form}")
    assert newest(deal).rule == "other_form"
    row = services.judge_candidate(first(deal), SAME, by=cast.carla)
    assert list(known.aliases.values_list("name", flat=True)) == [f"Zorblax {form}"] and len(row.taught["aliases"]) == 1
    again = submitted(cast.globex, cast.boris, f"Zorblax {form}")
    assert (again.status, newest(again).rule, again.customer) == (DealStatus.DECLINED, "open_opportunity", known)
    services.withdraw_verdict(row, by=cast.carla)
    assert not known.aliases.exists()


@pytest.mark.parametrize(
    ("own", "judged"),
    [
        ("Zorblax Co", "Zorblax Corp"),
        ("Zorblax SARL", "Zorblax SAS"),
        ("Zorblax Inc /NC/", "Zorblax Inc /PR/"),
        ("Zorblax AG", "Zorblax AG / Wien"),
        ("ООО Ромашка", "ЗАО Ромашка"),
    ],
)
def test_a_word_about_another_never_frees_the_customers_own_name(own, judged):
    known, other = Identity(own, country="AT"), Identity(judged, country="AT")
    assert not stays_apart(other, known, known)
    assert stays_apart(other, other, known)


def test_what_cannot_be_judged(cast, similar):
    candidate = first(similar)
    with pytest.raises(DomainError, match="Say whether"):
        services.judge_candidate(candidate, "perhaps", by=cast.carla)
    candidate.opportunity.customer_id = None
    with pytest.raises(DomainError, match="no customer"):
        services.judge_candidate(candidate, SAME, by=cast.carla)
    assert not IdentityVerdict.objects.exists()
    with pytest.raises(NotVisible):
        get_candidate(cast.carla, similar, uuid7())


def test_a_decided_registration_keeps_its_customer(cast, similar):
    deal = approved(cast.globex, cast.boris, cast.dana, "Zumtobel Lighting Systeme GmbH")
    before = deal.customer
    row = services.judge_candidate(first(deal), SAME, by=cast.dana)
    assert Deal.objects.get(pk=deal.pk).customer == before and row.moved_from is None


def test_a_registration_rewritten_since_the_check_stays_where_it_is(cast, similar):
    Deal.objects.filter(pk=similar.pk).update(customer_name="Doppelmayr GmbH")
    row = services.judge_candidate(first(similar), SAME, by=cast.carla)
    assert row.moved_from is None


def test_one_that_has_no_customer_yet_is_left_alone(cast, similar):
    Deal.objects.filter(pk=similar.pk).update(customer=None)
    assert services.judge_candidate(first(similar), SAME, by=cast.carla).moved_from is None


def test_customers_of_the_register_are_kept_apart(cast):
    one, _new = resolve_customer(Identity("Zumtobel Lighting GmbH", country="AT"), by=None)
    two, _new = resolve_customer(Identity("Zumtobel Lightning GmbH", country="AT"), by=None)
    with pytest.raises(NotAllowed):
        services.keep_customers_apart(one, two, by=cast.carla)
    with pytest.raises(DomainError, match="two different"):
        services.keep_customers_apart(one, one, by=cast.dana)
    row = services.keep_customers_apart(one, two, by=cast.dana)
    assert (row.source, row.other, row.deal) == (JudgedAt.REGISTER, two, None)
    assert judged_between(one, two) == judged_between(two, one) == row
    assert get_verdict(cast.dana, row.ref) == row
    with pytest.raises(NotVisible):
        get_verdict(cast.carla, row.ref)
    with pytest.raises(NotAllowed):
        services.withdraw_verdict(row, by=cast.carla)
    services.withdraw_verdict(row, by=cast.dana)
    assert judged_between(one, two) is None


def test_a_verdict_on_a_registration_counts_between_customers_of_those_names(cast, certain):
    known = Opportunity.objects.get().customer
    row = services.judge_candidate(first(certain), DIFFERENT, by=cast.carla)
    other, new = resolve_customer(Identity("Zumtobel Lighting GmbH", country="AT"), by=None)
    assert new and judged_between(known, other) == row
    third = Customer.objects.create(name="Zumtobel Lighting GmbH", core="zumtobel lighting", country="DE")
    assert judged_between(known, third) is None


def test_names_without_letters_have_a_sign_too():
    assert name_sign(Identity("🙂 ")) == "🙂"
    assert name_sign(Identity("Lighting Zumtobel")) == name_sign(Identity("zumtobel lighting GmbH"))
    assert compare_pair(Identity(""), Identity("")).certainty == "unlikely"


def test_identity_of_the_kept_apart_is_read_with_aliases(cast, certain):
    known = Opportunity.objects.get().customer
    CustomerAlias.objects.create(customer=known, domain="zumtobel.com")
    services.judge_candidate(first(certain), DIFFERENT, by=cast.carla)
    asked = Identity("Zumtobel Lighting GmbH", country="AT", domain="zumtobel.com")
    assert resolve_customer(asked, by=None)[0] == known, "a shared domain outweighs the word about the name"
    assert identity_of_customer(known).clean_domains == {"zumtobel.com"}

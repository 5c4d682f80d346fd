"""The staff's side of a registration: the queue, the page, the decision, the next item."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.enums import DealStatus, ProtectionEffect
from deals.models import ClockRun, Conflict, Deal, Participant
from deals.services import comment, decision
from deals.services.deal import LineFacts
from partners.models import Absence
from prm.audit.models import Event
from prm.record.models import Comment
from tests.deals.material import opportunity, product, submitted

pytestmark = pytest.mark.django_db
QUEUE = "/admin/deals/review/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def sign_in(client):
    def as_user(user):
        client.force_login(user)
        return client

    return as_user


def url(deal, verb=""):
    return f"{QUEUE}{deal.ref}/" + (f"{verb}/" if verb else "")


def approve(client, deal, **changes):
    until = timezone.localdate() + timedelta(days=90)
    data = {"protected_until": until.isoformat(), "effect": "exclusive", "scope": "site", **changes}
    return client.post(url(deal, "approve"), data)


def test_a_manager_sees_assigned_partners_the_desk_all(sign_in, cast):
    ours, theirs = submitted(cast.acme, cast.amir, "Bachmann Optik"), submitted(cast.globex, cast.boris, "Kranz Verlag")
    page = sign_in(cast.carla).get(QUEUE).content.decode()
    assert ours.ref in page and theirs.ref not in page
    assert sign_in(cast.carla).get(url(theirs)).status_code == 404
    assert sign_in(cast.carla).get(url(theirs)).content == sign_in(cast.carla).get(f"{QUEUE}D-00000000/").content
    page = sign_in(cast.dana).get(QUEUE).content.decode()
    assert ours.ref in page and theirs.ref in page
    assert sign_in(cast.leo).get(url(ours)).status_code == 200


def test_a_deputy_sees_the_queue_of_who_is_away(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    assert deal.ref not in sign_in(cast.carl).get(QUEUE).content.decode()
    today = timezone.localdate()
    Absence.objects.create(user=cast.carla, deputy=cast.carl, starts_on=today, ends_on=today)
    assert deal.ref in sign_in(cast.carl).get(QUEUE).content.decode()
    assert approve(sign_in(cast.carl), deal).status_code == 302
    deal.refresh_from_db()
    assert (deal.status, deal.decided_by) == (DealStatus.APPROVED, cast.carl)


@pytest.mark.parametrize("who", ["boris", "alice", "both"])
def test_members_do_not_get_in(sign_in, cast, who):
    deal = submitted(cast.acme, cast.amir)
    client = sign_in(getattr(cast, who))
    for address in (QUEUE, url(deal), "/admin/deals/extensions/", "/admin/deals/bookings/", "/admin/deals/deal/"):
        assert client.get(address).status_code in (302, 403, 404)
    assert approve(client, deal).status_code in (302, 403, 404)
    assert Deal.objects.get().status == DealStatus.IN_REVIEW


def test_who_only_reads_decides_nothing(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    client = sign_in(cast.sam)
    page = client.get(url(deal)).content.decode()
    assert "reviewed by its channel manager or the deal desk" in page and 'id="do-approve"' not in page
    assert client.get(QUEUE).status_code == 403
    for verb in ("approve", "return", "decline", "ask", "comment"):
        assert client.post(url(deal, verb), {"body": "x", "text": "x", "reason": "other"}).status_code == 403
    assert Deal.objects.get().status == DealStatus.IN_REVIEW
    assert not Comment.objects.exists()


def test_nobody_decides_what_they_registered(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    Deal.objects.filter(pk=deal.pk).update(owner=cast.dana)
    client = sign_in(cast.dana)
    assert "someone else has to decide" in client.get(url(deal)).content.decode()
    events = Event.objects.count()
    for verb in ("approve", "return", "decline", "ask"):
        assert client.post(url(deal, verb), {"reason": "other", "text": "x"}).status_code == 403
    response = client.post(f"{QUEUE}approve/", {"selected": [deal.ref]})
    assert b"someone else has to decide" in response.content
    deal.refresh_from_db()
    assert (deal.status, Event.objects.count()) == (DealStatus.IN_REVIEW, events)


def test_approving_opens_the_next_one(sign_in, cast):
    first, second = submitted(cast.acme, cast.amir, "Bachmann Optik"), submitted(cast.acme, cast.amir, "Kranz Verlag")
    Deal.objects.filter(pk=first.pk).update(due_at=timezone.now() - timedelta(days=1))
    client = sign_in(cast.carla)
    response = approve(client, first, effect="shared", scope="customer")
    assert response["Location"] == url(second)
    assert first.ref in client.get(response["Location"]).content.decode()
    first.refresh_from_db()
    assert (first.status, first.effect, first.scope) == (DealStatus.APPROVED, ProtectionEffect.SHARED, "customer")
    assert first.protected_until == timezone.localdate() + timedelta(days=90)
    response = client.post(url(second, "decline"), {"reason": "other_partner", "show": "clear"})
    assert response["Location"] == f"{QUEUE}?show=clear"
    page = client.get(response["Location"], follow=True).content.decode()
    assert "That was the last one here" in page
    second.refresh_from_db()
    assert (second.status, second.reason) == (DealStatus.DECLINED, "other_partner")


def test_the_next_one_is_the_one_after_not_the_first(sign_in, cast):
    now = timezone.now()
    deals = [submitted(cast.acme, cast.amir, name) for name in ("Bachmann Optik", "Kranz Verlag", "Ulmer Mühle")]
    for hours, deal in enumerate(deals):
        Deal.objects.filter(pk=deal.pk).update(due_at=now + timedelta(hours=hours + 1))
    client = sign_in(cast.dana)
    response = client.post(url(deals[1], "return"), {"reason": "products"})
    assert response["Location"] == url(deals[2])
    response = client.post(url(deals[2], "return"), {"reason": "products"})
    assert response["Location"] == url(deals[0])


def test_the_queue_is_by_time_left_then_by_value(sign_in, cast):
    due = timezone.now() + timedelta(hours=3)
    small = submitted(cast.acme, cast.amir, "Bachmann Optik")
    large = submitted(cast.acme, cast.amir, "Kranz Verlag", lines=[LineFacts(product(), 1, Decimal(90000))])
    late = submitted(cast.acme, cast.amir, "Ulmer Mühle")
    asked = submitted(cast.acme, cast.amir, "Gasser Ofenbau")
    Deal.objects.filter(pk__in=[small.pk, large.pk]).update(due_at=due)
    Deal.objects.filter(pk=late.pk).update(due_at=due - timedelta(days=2))
    decision.ask_question(asked, by=cast.carla, text="Which site?")
    page = sign_in(cast.carla).get(QUEUE).content.decode()
    order = sorted((small, large, late, asked), key=lambda deal: page.index(deal.ref))
    assert order == [late, large, small, asked]
    chips = {show: sign_in(cast.carla).get(f"{QUEUE}?show={show}").content.decode() for show in ("overdue", "question", "review")}
    assert late.ref in chips["overdue"] and large.ref not in chips["overdue"]
    assert asked.ref in chips["question"] and small.ref not in chips["question"]
    assert small.ref not in chips["review"]
    found = sign_in(cast.carla).get(f"{QUEUE}?q=ulmer").content.decode()
    assert late.ref in found and small.ref not in found


@pytest.mark.parametrize("query", ["?show=%00", "?q=%00x", "?p=abc", "?p=999", "?p=-1", "?show=nonsense&q=" + "x" * 5000, "?p=٣"])
def test_odd_addresses_of_the_queue(sign_in, cast, query):
    submitted(cast.acme, cast.amir)
    assert sign_in(cast.dana).get(QUEUE + query).status_code == 200


def test_late_days_are_shown_and_added(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    ClockRun.objects.filter(deal=deal).update(started_at=timezone.now() - timedelta(days=9))
    due = timezone.now() - timedelta(days=7)
    Deal.objects.filter(pk=deal.pk).update(due_at=due, breach_at=due + timedelta(days=1))
    page = sign_in(cast.carla).get(QUEUE).content.decode()
    assert "days credited" in page
    assert "are added because the decision is late" in sign_in(cast.carla).get(url(deal)).content.decode()
    approve(sign_in(cast.carla), deal)
    deal.refresh_from_db()
    assert deal.days_credited > 0
    assert deal.protected_until == timezone.localdate() + timedelta(days=90 + deal.days_credited)


@pytest.mark.parametrize(
    ("verb", "data", "said"),
    [
        ("approve", {"protected_until": "2020-01-01", "effect": "exclusive", "scope": "site"}, "within the next two years"),
        ("approve", {"protected_until": "nonsense", "effect": "exclusive", "scope": "site"}, "valid date"),
        ("approve", {"protected_until": "2027-01-01", "effect": "magic", "scope": "site"}, "not one of the available choices"),
        ("approve", {"protected_until": "2027-01-01", "effect": "exclusive", "scope": "project"}, "available choices"),
        ("return", {"reason": ""}, "required"),
        ("return", {"reason": "other", "text": ""}, "in your own words"),
        ("decline", {"reason": "products"}, "available choices"),
        ("decline", {"reason": "other", "text": "a\x00b"}, "cannot be stored"),
        ("ask", {"text": ""}, "required"),
        ("ask", {"text": "x" * 2001}, "at most 2000"),
        ("comment", {"body": "x" * 9000}, "at most 5000"),
    ],
)
def test_bad_input_is_said_and_changes_nothing(sign_in, cast, verb, data, said):
    deal = submitted(cast.acme, cast.amir)
    events = Event.objects.count()
    response = sign_in(cast.carla).post(url(deal, verb), data)
    assert response.status_code == 422
    assert said in response.content.decode()
    deal.refresh_from_db()
    assert (deal.status, Event.objects.count()) == (DealStatus.IN_REVIEW, events)


def test_a_taken_account_is_said_on_the_form(sign_in, cast):
    first = submitted(cast.acme, cast.amir, "Bachmann Optik", website="bachmann-optik.test")
    approve(sign_in(cast.carla), first)
    second = submitted(cast.acme, cast.amir, "Kranz Verlag")
    Deal.objects.filter(pk=second.pk).update(customer=Deal.objects.get(pk=first.pk).customer)
    response = approve(sign_in(cast.carla), second)
    assert response.status_code == 422
    assert "already protects this customer" in response.content.decode()
    second.refresh_from_db()
    assert second.status == DealStatus.IN_REVIEW


def test_who_comes_second_is_told(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    client = sign_in(cast.dana)
    decision.decline_deal(Deal.objects.get(pk=deal.pk), by=cast.carla, reason="not_a_customer")
    response = approve(client, deal)
    assert response["Location"] == url(deal)
    page = client.get(response["Location"]).content.decode()
    assert "not possible any more" in page and "Carla Manager" in page and 'id="do-approve"' not in page
    deal.refresh_from_db()
    assert deal.status == DealStatus.DECLINED


@pytest.mark.parametrize("verb", ["approve", "return", "decline", "ask", "comment"])
def test_acts_are_posts(sign_in, cast, verb):
    deal = submitted(cast.acme, cast.amir)
    assert sign_in(cast.carla).get(url(deal, verb)).status_code == 405
    assert sign_in(cast.carla).post(url(deal)).status_code == 405
    assert sign_in(cast.carla).post(QUEUE).status_code == 405
    assert sign_in(cast.carla).get(f"{QUEUE}approve/").status_code in (404, 405)


def test_unknown_acts_are_404(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    assert sign_in(cast.carla).post(url(deal, "revoke")).status_code == 404


def test_clear_ones_are_approved_together_and_the_others_named(sign_in, cast):
    clear = [submitted(cast.acme, cast.amir, name) for name in ("Bachmann Optik", "Kranz Verlag")]
    opportunity("Ulmer Mühle", touched=timezone.localdate() - timedelta(days=90))
    unclear = submitted(cast.acme, cast.amir, "Ulmer Mühle")
    rival = submitted(cast.globex, cast.boris, "Gasser Ofenbau")
    assert unclear.conflicts.get().outcome == "review"
    client = sign_in(cast.carla)
    page = client.get(QUEUE).content.decode()
    assert f'value="{clear[0].ref}"' in page and f'value="{unclear.ref}"' not in page
    refs = [*(deal.ref for deal in clear), unclear.ref, rival.ref, "D-\x00", "nonsense"]
    response = client.post(f"{QUEUE}approve/", {"selected": refs, "show": "clear"})
    text = response.content.decode()
    assert "2 registrations are approved" in text and "not clear; open it and look" in text
    assert "2 of the ticked ones are not in your queue" in text
    assert rival.customer_name not in text
    statuses = dict(Deal.objects.values_list("ref", "status"))
    assert [statuses[deal.ref] for deal in (*clear, unclear, rival)] == ["approved", "approved", "in_review", "in_review"]


def test_nothing_ticked(sign_in, cast):
    submitted(cast.acme, cast.amir)
    client = sign_in(cast.carla)
    assert b"Tick at least one" in client.post(f"{QUEUE}approve/", {"show": "clear"}, follow=True).content
    many = [f"D-{number:08}" for number in range(101)]
    assert b"a hundred registrations at most" in client.post(f"{QUEUE}approve/", {"selected": many}, follow=True).content


def test_a_question_stops_the_clock_and_goes_on(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    client = sign_in(cast.carla)
    client.post(url(deal, "ask"), {"text": "Which site is it?"})
    deal.refresh_from_db()
    assert deal.question_open and deal.due_at is None
    page = client.get(url(deal)).content.decode()
    assert "Waits for the partner’s answer" in page and "Which site is it?" in page


def test_internal_comments_stay_inside(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    client = sign_in(cast.carla)
    assert client.post(url(deal, "comment"), {"body": "Watch this one"})["Location"] == url(deal)
    client.post(url(deal, "comment"), {"body": "Thank you both", "shared": "on"})
    assert Comment.objects.filter(internal=True).count() == 1
    page = client.get(url(deal)).content.decode()
    assert "Watch this one" in page and "Thank you both" in page and "status-internal" in page
    portal = sign_in(cast.amir).get(reverse("deals:detail", args=[deal.ref])).content.decode()
    assert "Watch this one" not in portal and "Thank you both" in portal


def test_of_a_rivals_deal_a_manager_sees_holder_dates_and_manager_only(sign_in, cast):
    rival = submitted(cast.globex, cast.boris, "Ulmer Mühle", city="Ulm", project="Rollkorn", website="ulmer-muehle.test")
    decision.approve_deal(rival, by=cast.carl)
    ours = submitted(cast.acme, cast.amir, "Ulmer Mühle", city="Passau")
    rival.refresh_from_db()
    assert (rival.status, ours.status) == (DealStatus.APPROVED, DealStatus.IN_REVIEW)
    page = sign_in(cast.carla).get(url(ours)).content.decode()
    assert "Globex" in page and "Carl Other" in page
    for secret in (rival.ref, "Rollkorn", "ulmer-muehle.test", "Boris Boss"):
        assert secret not in page
    page = sign_in(cast.dana).get(url(ours)).content.decode()
    for seen in (rival.ref, "Rollkorn", "ulmer-muehle.test", "Boris Boss", "score"):
        assert seen in page


def test_the_page_shows_the_check_and_the_histories(sign_in, cast):
    opportunity("Ulmer Mühle", touched=timezone.localdate() - timedelta(days=90), owner="Vera Vendor", external_id="CRM-77")
    deal = submitted(cast.acme, cast.amir, "Ulmer Mühle")
    comment.comment_deal(deal, by=cast.dana, body="Seen", internal=True)
    page = sign_in(cast.carla).get(url(deal)).content.decode()
    for text in ("CRM-77", "Vera Vendor", "was not touched for a long time", "engine", "Live protections", "GTX Pro"):
        assert text in page
    older = Conflict.objects.get(deal=deal)
    assert sign_in(cast.carla).get(url(deal) + f"?check={older.ref}").status_code == 200
    assert sign_in(cast.carla).get(url(deal) + "?check=%00").status_code == 200


def test_a_distributors_manager_does_not_open_the_resellers_deal(sign_in, cast):
    deal = submitted(cast.acme, cast.amir)
    Participant.objects.create(deal=deal, partner=cast.globex, role="implementer", sort_at=deal.created_at, status=deal.status)
    assert sign_in(cast.carl).get(url(deal)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_at_any_length(sign_in, cast, count, django_assert_max_num_queries):
    names = ["Bachmann Optik", "Kranz Verlag", "Ulmer Mühle"][:count]
    for partner, user, name in zip((cast.acme, cast.globex, cast.acme), (cast.amir, cast.boris, cast.amir), names, strict=False):
        submitted(partner, user, name)
    client = sign_in(cast.dana)
    client.get(QUEUE)
    with django_assert_max_num_queries(12):
        response = client.get(QUEUE)
    assert response.content.count(b"data-review-row") == count


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_it_shows(sign_in, cast, count, django_assert_max_num_queries):
    old = timezone.localdate() - timedelta(days=90)
    for _number in range(count):
        opportunity("Ulmer Mühle", touched=old)
    lines = [LineFacts(product(f"GTX {number}"), 1, Decimal(100)) for number in range(count)]
    deal = submitted(cast.acme, cast.amir, "Ulmer Mühle", lines=lines)
    for number in range(count):
        comment.comment_deal(deal, by=cast.dana, body=f"Note {number}", internal=True)
    client = sign_in(cast.dana)
    client.get(url(deal))
    with django_assert_max_num_queries(12):
        client.get(url(deal))


def test_how_many_rows_stand_on_a_page_is_in_the_address(sign_in, cast):
    for number in range(26):
        submitted(cast.acme, cast.amir, f"Mühle {number} GmbH", lines=[LineFacts(product(), 1, Decimal(number))])
    client = sign_in(cast.dana)
    first, second, all_of_them = (client.get(QUEUE + query).content.decode() for query in ("", "?p=2", "?size=50"))
    assert [page.count("data-review-row") for page in (first, second, all_of_them)] == [25, 1, 26]
    assert 'href="/admin/deals/review/?p=2"' in first
    assert 'href="/admin/deals/review/?size=50"' in second
    assert 'rel="next"' not in all_of_them and 'href="/admin/deals/review/?size=25"' in all_of_them
    assert client.get(QUEUE + "?size=9999").content.decode().count("data-review-row") == 25

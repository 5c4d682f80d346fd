"""The deals list: filters, order, exports, constant queries, bad addresses."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from deals.models import Deal
from partners.models import Partner, User
from tests.deals.material import approved, draft, submitted

pytestmark = pytest.mark.django_db


def test_only_the_own_company_and_the_chips(client, cast):
    draft(cast.acme, cast.amir, "Alpha Werke")
    submitted(cast.acme, cast.amir, "Beta Werke")
    submitted(cast.globex, cast.boris, "Gamma Werke")
    client.force_login(cast.amir)
    page = client.get(reverse("deals:list")).content.decode()
    assert "Alpha Werke" in page
    assert "Gamma Werke" not in page
    todo = client.get(reverse("deals:list"), {"status": "todo"}).content.decode()
    assert "Alpha Werke" in todo
    assert "Beta Werke" not in todo


def test_one_literal_query_count(client, cast, django_assert_num_queries):
    submitted(cast.acme, cast.amir, "Alpha Werke")
    client.force_login(cast.amir)
    client.get(reverse("deals:list"))
    with django_assert_num_queries(7):
        client.get(reverse("deals:list"))
    for name in ("Beta Werke", "Gamma Werke"):
        submitted(cast.acme, cast.amir, name)
    with django_assert_num_queries(7):
        client.get(reverse("deals:list"))


@pytest.mark.parametrize(
    "query",
    [
        *("?sort=evil", "?page=%00", "?page=abc", "?size=9999", "?q=%00", "?q=" + "x" * 5000, "?status=zz", "?expiring=-1"),
        *("?expiring=1e9", "?nature=zz", "?sort=-amount", "?sort=until", "?sort=close", "?mine=true", "?expiring=30"),
    ],
)
def test_any_address_gives_a_page(client, cast, query):
    approved(cast.acme, cast.amir, cast.carla)
    client.force_login(cast.amir)
    assert client.get(reverse("deals:list") + query).status_code == 200


def test_search_by_name_project_and_number(client, cast):
    deal = submitted(cast.acme, cast.amir, "Alpha Werke", project="Lagerhalle")
    submitted(cast.acme, cast.amir, "Beta Werke")
    client.force_login(cast.amir)
    for word in ("alpha", "lager", deal.ref.lower()):
        page = client.get(reverse("deals:list"), {"q": word}).content.decode()
        assert "Alpha Werke" in page, word
        assert "Beta Werke" not in page, word


def test_sales_see_their_own_only_where_the_partner_says_so(client, cast):
    mine, other = submitted(cast.acme, cast.amir, "Alpha Werke"), submitted(cast.acme, cast.both, "Beta Werke")
    Partner.objects.filter(pk=cast.acme.pk).update(deal_sight="own")
    client.force_login(cast.amir)
    page = client.get(reverse("deals:list")).content.decode()
    assert mine.customer_name in page
    assert other.customer_name not in page
    assert client.get(reverse("deals:detail", args=[other.ref])).status_code == 404


def test_the_export_is_what_is_filtered_and_escaped(client, cast):
    submitted(cast.acme, cast.amir, "Alpha Werke", project="=1+1")
    submitted(cast.acme, cast.amir, "Beta Werke")
    client.force_login(cast.amir)
    text = b"".join(client.get(reverse("deals:export", args=["csv"]), {"q": "alpha"}).streaming_content).decode("utf-8-sig")
    assert "Alpha Werke" in text
    assert "Beta Werke" not in text
    assert "'=1+1" in text
    sheet = client.get(reverse("deals:export", args=["xlsx"]))
    assert (sheet.status_code, b"".join(sheet.streaming_content)[:2]) == (200, b"PK")
    for closer in sheet._resource_closers:  # not close(): that would end the test's connection
        closer()
    assert client.get(reverse("deals:export", args=["exe"])).status_code == 404


def test_paging_walks_through_everything_once(client, cast):
    for number in range(30):
        draft(cast.acme, cast.amir, f"Werke {number}")
    client.force_login(cast.amir)
    first = client.get(reverse("deals:list"))
    second = client.get(first.context["page"].next_url)
    refs = [row.deal.ref for page in (first, second) for row in page.context["page"].rows]
    assert sorted(refs) == sorted(Deal.objects.values_list("ref", flat=True))
    assert second.context["page"].has_next is False


def test_the_pipeline_saves_good_rows_and_keeps_bad_ones(client, cast):
    one, two = approved(cast.acme, cast.amir, cast.carla, "Alpha Werke"), approved(cast.acme, cast.amir, cast.carla, "Beta Werke")
    client.force_login(cast.amir)
    assert client.get(reverse("deals:pipeline")).status_code == 200
    sent = {"rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "2"}
    for number, (deal, amount) in enumerate([(one, "9500"), (two, "20000")]):
        sent |= {
            f"rows-{number}-ref": deal.ref,
            f"rows-{number}-version": str(deal.version),
            f"rows-{number}-stage": "proposal",
            f"rows-{number}-amount": amount,
            f"rows-{number}-expected_close": "2030-01-01",
            f"rows-{number}-next_step": "Call",
        }
    page = client.post(reverse("deals:pipeline"), sent)
    one.refresh_from_db()
    two.refresh_from_db()
    assert page.status_code == 422
    assert (str(one.amount), one.stage, two.stage) == ("9500.000", "proposal", "prospecting")
    assert "change request" in page.content.decode()
    again = client.post(reverse("deals:pipeline"), {**sent, "rows-1-amount": "9000"})
    assert "Somebody changed this deal" in again.content.decode()


def test_what_is_searched_follows_the_deal_and_marks_mean_themselves(client, cast):
    deal = submitted(cast.acme, cast.amir, "Käserei Bömmel_10%")
    submitted(cast.acme, cast.amir, "Beta Werke")
    client.force_login(cast.amir)
    found = {word: client.get(reverse("deals:list"), {"q": word}).content.decode() for word in ("KÄSEREI", "l_10%", "_", "%")}
    assert all("Beta Werke" not in page and deal.ref in page for page in found.values())
    Deal.objects.filter(pk=deal.pk).update(project="Reifekeller")
    assert deal.ref in client.get(reverse("deals:list"), {"q": "reifekeller"}).content.decode()


def test_the_chips_count_what_is_found(client, cast):
    for name in ("Alpha Werke", "Alpha Bau", "Beta Werke"):
        draft(cast.acme, cast.amir, name)
    submitted(cast.acme, cast.amir, "Alpha Tief")
    client.force_login(cast.amir)
    chips = {chip.label: str(chip.count) for chip in client.get(reverse("deals:list"), {"q": "alpha"}).context["chips"]}
    assert (chips["Waiting on me"], chips["In decision"], chips["Won"]) == ("2", "1", "0")
    chips = {chip.label: str(chip.count) for chip in client.get(reverse("deals:list"), {"nature": "new"}).context["chips"]}
    assert (chips["Waiting on me"], chips["In decision"]) == ("3", "1")


def test_both_downloads_say_the_same(client, cast):
    deal = submitted(cast.acme, cast.amir, "Alpha Werke")
    moment = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    Deal.objects.filter(pk=deal.pk).update(submitted_at=moment)
    User.objects.filter(pk=cast.amir.pk).update(time_zone="Asia/Jakarta", language="de")
    client.force_login(User.objects.get(pk=cast.amir.pk))
    lines = b"".join(client.get(reverse("deals:export", args=["csv"])).streaming_content).decode("utf-8-sig").splitlines()
    header, values = csv.reader(lines)
    told = dict(zip(header, values, strict=True))
    when = next(name for name in header if "Asia/Jakarta" in name)
    assert told[when] == "2026-03-03 06:30:00"
    assert "9000.00" in values and "2 × GTX Pro" in values
    assert "In Prüfung" in values, "the words of the page, also while it streams"
    answer = client.get(reverse("deals:export", args=["xlsx"]))
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    for closer in answer._resource_closers:
        closer()
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == header
    assert rows[1][header.index(when)] == datetime(2026, 3, 3, 6, 30)
    assert [str(value or "") for value in rows[1]][:7] == values[:7]

"""Products, rates, imports and the audit trail on the staff's side."""

import pytest

from partners.models import User
from prm.audit.models import Event
from prm.audit.services import record
from prm.catalog.models import Product, ProductFamily, Rate
from prm.catalog.services import ensure_products
from prm.ops import queries
from prm.record.models import ImportRun
from tests.deals.material import submitted

pytestmark = pytest.mark.django_db
AUDIT = "/admin/audit/event/"


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    settings.REQUIRE_STAFF_MFA = False


@pytest.fixture
def gizmo(db):
    ensure_products({"gizmo9": "gizmo 9"})
    return Product.objects.get(key="gizmo9")


def review(client, product, **data):
    return client.post(f"/admin/catalog/product/{product.ref}/review/", data)


def test_the_desk_reviews_a_product(client, cast, gizmo):
    family = ProductFamily.objects.create(key="gizmos", name="Gizmos")
    client.force_login(cast.dana)
    assert b"Products to review" in client.get("/admin/").content
    assert client.get("/admin/catalog/product/unreviewed/")["Location"].endswith("?reviewed__exact=0")
    assert b"Reviewed" in client.get(f"/admin/catalog/product/{gizmo.pk}/change/").content
    assert review(client, gizmo, name="Gizmo 9", family=family.pk, active="on").status_code == 302
    gizmo.refresh_from_db()
    assert (gizmo.name, gizmo.key, gizmo.family, gizmo.reviewed, gizmo.active) == ("Gizmo 9", "gizmo9", family, True, True)
    assert Event.objects.filter(name="catalog.product.reviewed", actor_id=str(cast.dana.pk)).exists()


def test_a_name_that_is_taken_is_refused(client, cast, gizmo):
    Product.objects.create(key="other", name="Other")
    client.force_login(cast.dana)
    for name in ("OTHER!", "", "…", "a\x00"):
        assert review(client, gizmo, name=name).status_code == 422
    gizmo.refresh_from_db()
    assert not gizmo.reviewed
    assert client.get(f"/admin/catalog/product/{gizmo.ref}/review/").status_code == 302
    assert client.post("/admin/catalog/product/G-00000000/review/").status_code == 404


@pytest.mark.parametrize("who", ["carla", "sam"])
def test_others_only_look(client, cast, gizmo, who):
    client.force_login(getattr(cast, who))
    assert b"review-title" not in client.get(f"/admin/catalog/product/{gizmo.pk}/change/").content
    assert review(client, gizmo, name="Mine").status_code == 403
    gizmo.refresh_from_db()
    assert not gizmo.reviewed


def test_rates_and_imports_are_read(client, cast):
    Rate.objects.create(day="2026-01-02", currency="EUR", rate="1.1", source="ECB")
    run = ImportRun.objects.create(kind="rates", outcome="partly", report={"problems": [{"line": 3}]}, file_name="r.csv")
    client.force_login(cast.carla)
    assert b"ECB" in client.get("/admin/catalog/rate/?q=eur").content
    assert run.ref.encode() in client.get("/admin/record/importrun/").content
    assert b"&quot;line&quot;: 3" in client.get(f"/admin/record/importrun/{run.pk}/change/").content


def test_audit_by_noun_object_and_partner(client, cast):
    deal = submitted(cast.acme, cast.amir)
    record("partners.partner.noted", cast.globex, by=cast.rita, partner=cast.globex)
    client.force_login(cast.dana)
    page = rows_of(client)
    assert "Submitted" in page and "partners.partner.noted" in page and "Amir Sales" in page
    assert "deals.deal" not in page.replace("noun=deals.deal", ""), "words, not codes"
    for query in (f"?object={deal.ref}", f"?object={deal.pk}", "?noun=deals.deal", f"?partner={cast.acme.ref}"):
        page = rows_of(client, query)
        assert "Submitted" in page and "partners.partner.noted" not in page, query
    assert b"No such number" in client.get(AUDIT + "?object=D-00000000").content
    assert b"No events here" in client.get(AUDIT + "?name=never").content


def test_audit_by_event(client, cast):
    submitted(cast.acme, cast.amir)
    client.force_login(cast.dana)
    page = client.get(AUDIT + "?name=deals.deal.drafted").content.decode()
    assert '<option value="deals.deal.drafted" selected>Draft started</option>' in page
    assert "Draft started" in page.split("<tbody")[-1] and "Submitted" not in page.split("<tbody")[-1].split("</table>")[0]


def rows_of(client, query=""):
    return client.get(AUDIT + query).content.decode().split("<tbody")[-1]


def test_audit_shows_a_manager_own_partners_only(client, cast):
    record("partners.partner.noted", cast.globex, by=cast.rita, partner=cast.globex)
    record("partners.partner.praised", cast.acme, by=cast.rita, partner=cast.acme)
    record("prm.nobody.asked", cast.rita, by=cast.rita)
    client.force_login(cast.carla)
    page = client.get(AUDIT).content.decode()
    assert "partners.partner.praised" in page
    assert "partners.partner.noted" not in page and "prm.nobody.asked" not in page
    client.force_login(cast.boris)
    assert client.get(AUDIT).status_code in (302, 403, 404)


@pytest.mark.parametrize("query", ["?object=%00", "?noun=" + "x" * 500, "?partner=x-", "?page=nonsense", "?size=7&sort=x"])
def test_odd_addresses_of_the_audit(client, cast, query):
    client.force_login(cast.rita)
    assert client.get(AUDIT + query).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_audit_costs_the_same_at_any_length(client, cast, count, django_assert_max_num_queries):
    for number in range(count):
        by = User.objects.create_user(f"p{number}@vendor.test")
        record("partners.partner.noted", cast.acme, by=by, partner=cast.acme)
    client.force_login(cast.dana)
    client.get(AUDIT)
    with django_assert_max_num_queries(10):
        client.get(AUDIT)


def test_partners_read_no_trail_and_without_deals_there_is_no_picture(cast):
    assert not queries.visible_events(cast.alice).exists()
    assert queries.picture_deals(cast.amir) == ("", "")

"""The review pages in a real browser: accessible, inside the frame, by keyboard, and without JavaScript."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.enums import DealStatus
from deals.models import ChangeRequest, ClockRun, Deal
from deals.queries.change import key_facts_of
from deals.rules.policy import PolicyRules
from deals.services import activity, comment, decision, extension, protection
from deals.services.change_request import change_key_facts
from deals.services.deal import LineFacts
from deals.services.policy import publish_policy
from partners.enums import StaffRole
from prm.catalog.models import Product
from prm.catalog.services import ensure_products
from programs.models import Tier, TierAssignment
from programs.services.tier import assign_tier
from tests.cast import make_cast, make_staff
from tests.deals.material import approved, opportunity, product, submitted
from tests.prm.web.look import listen, problems_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OPEN_ALL = """document.querySelectorAll('details.fold, .decision > details').forEach(fold => {
    fold.removeAttribute('name'); fold.open = true; })"""
LONG = "Kommunale Unfallversicherung Bayern und Bayerische Landesunfallkasse Körperschaften des öffentlichen Rechts"


@pytest.fixture
def scene(settings, transactional_db):
    """A desk with work of every kind."""
    settings.REQUIRE_STAFF_MFA = False
    cast = make_cast()
    paula = make_staff("Paula Program", cast.desk, StaffRole.PROGRAM_MANAGER, StaffRole.DEAL_DESK)
    publish_policy("Be fair.\n\nBe quick.", PolicyRules(), None, by=paula)
    gold = Tier.objects.create(key="gold", name="Gold", rank=2, protection_cap=100)
    assign_tier(cast.acme, gold, by=paula, starts_on=timezone.localdate(), reason="Revenue of three years")
    old = timezone.localdate() - timedelta(days=90)
    opportunity(LONG, touched=old, owner="Vera Vendor", stage="Proposal", amount=Decimal(120000), currency="USD", city="München")
    rival = approved(cast.globex, cast.boris, cast.carl, LONG, city="Bayreuth", website="kuvb.test")
    lines = [LineFacts(product("GTX Plus Pro"), 12, Decimal("1234567.89")), LineFacts(product(), 3, None)]
    main = submitted(cast.acme, cast.amir, LONG, city="München", project="Rollout 東京 und Umgebung", lines=lines)
    late = submitted(cast.acme, cast.amir, "Bachmann Optik")
    ClockRun.objects.filter(deal=late).update(started_at=timezone.now() - timedelta(days=9))
    due = timezone.now() - timedelta(days=7)
    Deal.objects.filter(pk=late.pk).update(due_at=due, breach_at=due + timedelta(days=1))
    decision.ask_question(submitted(cast.acme, cast.amir, "Gasser Ofenbau"), by=cast.carla, text="Which site?")
    comment.comment_deal(main, by=cast.carla, body="They were with Globex last year.", internal=True)
    comment.comment_deal(main, by=cast.amir, body="We met them twice.")
    asked = approved(cast.acme, cast.amir, cast.carla, "Ulmer Mühle")
    activity.log_activity(asked, by=cast.amir, kind="call", line="Talked to the miller about the new plant")
    extension.ask_extension(asked, by=cast.amir, reason="The council decides in May")
    facts = replace(key_facts_of(asked), customer_name=LONG, city="Bayreuth an der Straße nach Kulmbach")
    change_key_facts(asked, facts, by=cast.amir, version=asked.version, reason="They moved there")
    won = approved(cast.acme, cast.amir, cast.carla, "Kranz Verlag")
    protection.win_deal(won, by=cast.amir)
    ensure_products({"gizmo9": "Gizmo 9"})
    return {"cast": cast, "paula": paula, "main": main, "late": late, "rival": rival}


def signed_in(browser, base, client, user, **more):  # noqa: F811
    client.force_login(user)
    context = browser.new_context(base_url=base, **more)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])
    return context.new_page()


def addresses(scene):
    assignment = TierAssignment.objects.get()
    return {
        "today": "/admin/",
        "queue": "/admin/deals/review/",
        "deal": f"/admin/deals/review/{scene['main'].ref}/",
        "late": f"/admin/deals/review/{scene['late'].ref}/",
        "decided": f"/admin/deals/review/{scene['rival'].ref}/",
        "nothing": "/admin/deals/review/?show=clear&q=nobody",
        "extensions": "/admin/deals/extensions/",
        "bookings": "/admin/deals/bookings/",
        "changes": "/admin/deals/changes/",
        "change": reverse("admin:deals_change", args=[ChangeRequest.objects.get().ref]),
        "deals": "/admin/deals/deal/",
        "opportunities": "/admin/deals/opportunity/",
        "conflicts": "/admin/deals/conflict/",
        "policies": "/admin/deals/policy/",
        "publish": "/admin/deals/policy/publish/",
        "products": "/admin/catalog/product/?reviewed__exact=0",
        "product": reverse("admin:catalog_product_change", args=[Product.objects.get(reviewed=False).pk]),
        "assign": "/admin/programs/tierassignment/assign/",
        "assignment": reverse("admin:programs_tierassignment_change", args=[assignment.pk]),
        "audit": "/admin/audit/event/",
    }


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark"), (320, "light")])
def test_pages_are_accessible_and_fit(browser, live_server, client, scene, width, scheme):  # noqa: F811
    problems = []
    size = {"width": width, "height": 900}
    page = signed_in(browser, live_server.url, client, scene["paula"], viewport=size, color_scheme=scheme)
    listen(page, f"{width}-{scheme}", problems)
    for name, path in addresses(scene).items():
        answer = page.goto(path)
        assert answer.status == 200, (name, answer.status)
        page.evaluate(OPEN_ALL)
        problems += problems_of(page, f"review-{name}-{width}-{scheme}")
    page.context.close()
    assert problems == []


def test_three_keystrokes_decide_and_the_next_one_opens(browser, live_server, client, scene):  # noqa: F811
    page = signed_in(browser, live_server.url, client, scene["cast"].carla)
    problems = []
    listen(page, "keys", problems)
    page.goto("/admin/deals/review/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{scene['late'].ref}/")
    page.keyboard.press("?")
    assert page.is_visible("#review-help dl")
    page.keyboard.press("?")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "return-reason"
    page.locator("body").click(position={"x": 5, "y": 5})
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") == "do-approve"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{scene['main'].ref}/")
    assert "approved" in page.inner_text("#toasts")
    page.keyboard.press("j")
    page.wait_for_function("ref => !location.pathname.includes(ref)", arg=scene["main"].ref)
    assert problems == []
    page.context.close()
    scene["late"].refresh_from_db()
    assert scene["late"].status == DealStatus.APPROVED


def test_single_keys_can_be_switched_off(browser, live_server, client, scene):  # noqa: F811
    page = signed_in(browser, live_server.url, client, scene["cast"].carla)
    page.goto(f"/admin/deals/review/{scene['late'].ref}/")
    page.click("#review-help summary")
    page.uncheck("[data-review-keys-switch]")
    page.reload()
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") != "do-approve"
    page.context.close()


def test_deciding_works_without_javascript_on_a_phone(browser, live_server, client, scene):  # noqa: F811
    size = {"width": 375, "height": 800}
    page = signed_in(browser, live_server.url, client, scene["cast"].carla, viewport=size, java_script_enabled=False)
    page.goto("/admin/deals/review/")
    page.click("a:has-text('Bachmann Optik')")
    page.click(".decision summary:has-text('Decline')")
    page.select_option("#decline-reason", "not_a_customer")
    page.click("button.btn-danger")
    assert scene["main"].ref in page.url
    page.context.close()
    scene["late"].refresh_from_db()
    assert (scene["late"].status, scene["late"].reason) == (DealStatus.DECLINED, "not_a_customer")

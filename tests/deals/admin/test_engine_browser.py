"""The learning loop in a real browser: axe, width, light and dark, and all of it without JavaScript."""

from __future__ import annotations

import pytest

from deals.enums import Judged
from deals.models import CustomerMerge, FreeWatch, IdentityVerdict, MatchModel
from deals.queries.refit import refit
from deals.services.alias import record_alias
from deals.services.customer import resolve_customer
from deals.services.match_model import propose_model
from deals.services.verdict import judge_candidate
from partners.models import User
from prm.matching import Identity
from tests.browser.examine import examine, press, signed_in
from tests.cast import make_cast
from tests.deals.admin.test_verdicts import candidate
from tests.deals.material import opportunity, submitted
from tests.prm.web.look import listen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Kommunale Unfallversicherung Bayern und Bayerische Landesunfallkasse Körperschaften des öffentlichen Rechts"


@pytest.fixture
def scene(settings, transactional_db):
    settings.REQUIRE_STAFF_MFA = False
    cast = make_cast()
    opportunity("Zumtobel Lighting Systems GmbH")
    opportunity(f"{LONG} Nord")
    open_, judged = submitted(cast.acme, cast.amir), submitted(cast.acme, cast.amir, LONG)
    judge_candidate(candidate(judged), Judged.DIFFERENT, by=cast.carla)
    pair = [resolve_customer(Identity(name, country="AT"), by=None)[0] for name in (f"{LONG} Süd", f"{LONG} Sud")]
    record_alias(pair[0], name=f"{LONG} West", domain="kommunale-unfallversicherung-bayern.de", by=cast.dana)
    pair = pair if pair[0] != pair[1] else [pair[0], resolve_customer(Identity("日本精工株式会社"), by=None)[0]]
    return {"cast": cast, "open": open_, "judged": judged, "pair": pair, "model": propose_model(refit(), by=None)}


def test_pages_are_accessible_and_fit(browser, live_server, client, scene):
    client.force_login(scene["cast"].rita)
    page, problems = signed_in(browser, live_server.url, client), []
    listen(page, "engine", problems)
    keep, other = scene["pair"]
    for path in (
        "/admin/deals/engine/",
        f"/admin/deals/engine/{scene['model'].ref}/",
        "/admin/deals/doubles/",
        f"/admin/deals/doubles/{keep.ref}/",
        f"/admin/deals/doubles/{keep.ref}/?other={other.ref}",
        f"/admin/deals/review/{scene['open'].ref}/",
        f"/admin/deals/review/{scene['judged'].ref}/",
        "/admin/deals/identityverdict/",
        f"/admin/deals/customer/{keep.pk}/change/",
    ):
        problems += examine(page, path, looks=[(1280, "light"), (1280, "dark"), (375, "dark")])
    page.context.close()
    assert problems == []


def test_a_word_a_merge_and_a_model_without_javascript(browser, live_server, client, scene):
    client.force_login(scene["cast"].rita)
    page, problems = (
        signed_in(browser, live_server.url, client, viewport={"width": 320, "height": 800}, java_script_enabled=False),
        [],
    )
    listen(page, "engine", problems)
    page.goto(f"/admin/deals/review/{scene['open'].ref}/")
    press(page, "button[name=verdict][value=same]")
    assert page.locator(".verdict", has_text="Take it back").count() == 1
    press(page, ".verdict form button")
    assert IdentityVerdict.objects.standing().count() == 1, "only the one that stood before"
    keep, other = scene["pair"]
    page.goto(f"/admin/deals/doubles/{keep.ref}/")
    page.fill("[name=other]", other.ref)
    press(page, ".form-actions .btn-primary")
    page.fill("[name=reason]", "Two spellings")
    page.fill("[name=confirm]", other.ref)
    press(page, ".confirm .btn-danger")
    assert CustomerMerge.objects.get().merged == other
    page.goto(f"/admin/deals/merges/{CustomerMerge.objects.get().ref}/")
    press(page, "text=Two customers again")
    assert CustomerMerge.objects.get().status == "undone"
    page.goto(f"/admin/deals/engine/{scene['model'].ref}/")
    page.fill(".decision details[open] [name=reason]", "Fewer false alarms")
    press(page, ".decision details[open] .btn-primary")
    assert MatchModel.objects.get().status == "published"
    page.context.close()
    assert problems == []


@pytest.mark.parametrize("scripts", [True, False])
def test_after_a_word_the_keyboard_goes_on_at_the_candidate(browser, live_server, client, scene, scripts):
    """Said, undone by the toast's button, said again and taken back: the reader never loses the place."""
    client.force_login(scene["cast"].rita)
    page, problems = signed_in(browser, live_server.url, client, java_script_enabled=scripts), []
    listen(page, "focus", problems)
    page.goto(f"/admin/deals/review/{scene['open'].ref}/")
    here = page.locator("article.evidence").first.get_attribute("id")
    same, toast, back = "button[name=verdict][value=same]", "[data-toast] button", ".verdict form button:has-text('Take it back')"
    for button in (same, toast, same, back):
        page.locator(button).first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == here and "?check=X-" in page.url
    page.context.close()
    assert problems == []


def test_long_labels_stay_in_one_piece_on_a_phone(browser, live_server, client, scene):
    rita = scene["cast"].rita
    User.objects.filter(pk=rita.pk).update(language="de")
    client.force_login(rita)
    page = signed_in(browser, live_server.url, client, viewport={"width": 375, "height": 900})
    page.goto("/admin/deals/engine/")
    lines = page.locator("td[data-label=Unwahrscheinlich]").first.evaluate("""cell => {
        const label = getComputedStyle(cell, '::before');
        return Math.round(parseFloat(label.height) / parseFloat(label.lineHeight)); }""")
    assert lines == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.context.close()


def test_the_account_check_has_its_labels_in_rows_and_air_below(browser, live_server, client, scene):
    amir = scene["cast"].amir
    FreeWatch.objects.create(user=amir, partner=scene["cast"].acme, customer=scene["pair"][0], customer_name="Zumtobel")
    client.force_login(amir)
    page = signed_in(browser, live_server.url, client, viewport={"width": 1280, "height": 900})
    page.goto("/deals/check/")
    tops = page.evaluate("""[...document.querySelectorAll('main .form-grid label')].map(one => [
        Math.round(one.parentElement.getBoundingClientRect().bottom), Math.round(one.getBoundingClientRect().top)])""")
    assert len({top for _bottom, top in tops}) == len({bottom for bottom, _top in tops}), "labels of a row on one line"
    gap = "document.querySelector('main .form-wide + .panel').getBoundingClientRect().top - %s.getBoundingClientRect().bottom"
    assert page.evaluate(gap % "document.querySelector('main .form-wide .form-actions')") >= 16
    page.context.close()


def test_names_of_a_customer_without_javascript(browser, live_server, client, scene):
    """Recorded at 320 px, refused with the way to the other customer, taken back; it fits all along."""
    keep, other = scene["pair"]
    client.force_login(scene["cast"].dana)
    size = {"width": 320, "height": 800}
    page, problems = signed_in(browser, live_server.url, client, viewport=size, java_script_enabled=False), []
    listen(page, "names", problems)
    page.goto(f"/admin/deals/customer/{keep.pk}/change/")
    page.fill("#id_domain", "https://www.kuvb.example.com/start")
    press(page, "text=Record it")
    assert "example.com leads to this customer now" in page.inner_text("body")
    page.fill("#id_name", other.name)
    press(page, "text=Record it")
    assert "has this already" in page.inner_text("main") and "Side by side" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    press(page, "main .notice a:has-text('Side by side')")
    page.goto(f"/admin/deals/customer/{keep.pk}/change/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    press(page, "li:has-text('example.com') button")
    assert "example.com no longer leads to this customer" in page.inner_text("body")
    assert sorted(keep.aliases.values_list("domain", flat=True)) == ["", "kommunale-unfallversicherung-bayern.de"]
    page.context.close()
    assert problems == []

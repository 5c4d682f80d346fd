"""Changing key facts, joining and pasting in a real browser: axe, width, dark, and without JavaScript."""

from dataclasses import replace

import pytest

from deals.queries.change import key_facts_of
from deals.services.change_request import change_key_facts
from deals.services.join_request import ask_join
from tests.cast import make_cast
from tests.deals.material import approved, product, submitted
from tests.prm.web.look import listen, problems_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Kommunale Unfallversicherung Bayern und Bayerische Landesunfallkasse Körperschaften des öffentlichen Rechts"
OPEN_ALL = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
ROWS = f"{LONG};;DE;München;GTX Pro;2;1200;EUR\nKranz Verlag;gmail.com;Atlantis\nSwarovski KG;swarovski.com;AT"


@pytest.fixture
def scene(settings, transactional_db):
    """A deal with a waiting change and a company that asks to join; its declined registration; a deal to change."""
    cast = make_cast()
    product("GTX Plus Pro")
    deal = approved(cast.acme, cast.amir, cast.carla)
    after = replace(key_facts_of(deal), customer_name=LONG, city="Bayreuth an der Straße nach Kulmbach")
    change_key_facts(deal, after, by=cast.amir, version=deal.version, reason="They moved there")
    declined = submitted(cast.initech, cast.dieter)
    ask_join(declined, by=cast.dieter)
    taken = approved(cast.globex, cast.boris, cast.carl, "Swarovski KG", website="swarovski.com")
    plain = approved(cast.acme, cast.amir, cast.carla, "Bachmann Optik")
    facts = replace(key_facts_of(plain), customer_name="Swarovski KG", website="swarovski.com")
    change_key_facts(plain, facts, by=cast.amir, version=plain.version)
    return {"cast": cast, "deal": deal, "plain": plain, "declined": declined, "taken": taken}


def page_of(browser, base, client, user, **more):  # noqa: F811
    client.force_login(user)
    context = browser.new_context(base_url=base, **more)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])
    return context.new_page()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (375, "dark"), (320, "light")])
def test_pages_are_accessible_and_fit(browser, live_server, client, scene, width, scheme):  # noqa: F811
    problems = []
    size = {"width": width, "height": 900}
    page = page_of(browser, live_server.url, client, scene["cast"].amir, viewport=size, color_scheme=scheme)
    listen(page, f"{width}-{scheme}", problems)
    paths = {
        "deal": f"/deals/{scene['deal'].ref}/",
        "declined-change": f"/deals/{scene['plain'].ref}/",
        "waiting": f"/deals/{scene['deal'].ref}/change/",
        "change": f"/deals/{scene['plain'].ref}/change/",
        "paste": "/deals/paste/",
    }
    for name, path in paths.items():
        assert page.goto(path).status == 200, name
        page.evaluate(OPEN_ALL)
        problems += problems_of(page, f"change-{name}-{width}-{scheme}")
    page.fill("#id_text", ROWS)
    page.click("button[value=check]")
    page.wait_for_selector("#paste-rows")
    problems += problems_of(page, f"paste-rows-{width}-{scheme}")
    page.context.close()
    assert problems == []


def test_asked_accepted_and_drafted_without_javascript(browser, live_server, client, scene):  # noqa: F811
    page = page_of(browser, live_server.url, client, scene["cast"].amir, java_script_enabled=False)
    page.goto("/deals/paste/")
    page.fill("#id_text", ROWS)
    page.click("button[value=check]")
    page.click("button[value=save]")
    assert "1 draft made" in page.content() and "Kranz Verlag" in page.input_value("#id_text")
    page.goto(f"/deals/{scene['deal'].ref}/")
    page.click("text=Accept")
    assert "takes part now" in page.content()
    page.goto(f"/deals/{scene['plain'].ref}/change/")
    page.fill("#id_city", "Lemgo")
    page.click("main button.btn-primary:has-text('Change')")
    assert "in review" in page.content()
    page.context.close()

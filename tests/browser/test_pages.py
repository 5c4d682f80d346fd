"""Pages under the bars: axe, width, console, content policy, weight. A handful always; every page of the demo in the soak."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.test import Client

from deals.services import comment, decision
from partners.models import User
from prm.ops.seed.accounts import demo_users
from tests.browser.crawl import names, pages_for
from tests.browser.examine import FIRST_LOAD, examine, first_load, signed_in
from tests.deals.material import approved, opportunity, submitted
from tests.prm.web.look import listen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Kommunale Unfallversicherung Bayern und Bayerische Landesunfallkasse Körperschaften des öffentlichen Rechts"
# Addresses that are no page of the demo: they take a form, lead on to another page, answer a machine, or show a row that only its
# own test makes.
NO_PAGES = re.compile(
    r"^(healthz|readyz|web:|mail:unsubscribe|admin:(jsi18n|autocomplete|view_on_site|logout|login|password_change|app_list)"
    r"|google_|microsoft_|openid_connect_|socialaccount_|mfa_|account_|anymail:"
    r"|deals:(export|watch|unwatch|delete|withdraw|win|lose|release|reopen|log|comment|answer|extend|join|participant|change_withdraw)"
    r"|partners:(photo|profile_photo|company_sign_in|invitation_|switch|deal_sight|ask_for_admin|member_|contact_(reports|remove))"
    r"|admin:deals_(book$|change$|change_decide|extension_decide|review_(approve|act)|(deal|conflict|accountcheck|customermerge)_change"
    r"|verdict|double_apart|alias_|model_step|merge_undo)"
    r"|admin:partners_(partner_(suspend|resume|ask_admin)|adminrequest_|staffmember_(close|open)|absence_end)"
    r"|admin:(mail_message_(attention|retry|html|confirm)|mail_suppression_lift|catalog_product_(unreviewed|review$)))"
)


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def work(people):
    """Something of everything on the key pages: long names, another script, a refusal, a question, a wait."""
    opportunity("Kranz Verlag")
    main = submitted(people.acme, people.amir, LONG, city="München", project="東京 Umgebung")
    declined = submitted(people.acme, people.amir, "Kranz Verlag")
    held = approved(people.acme, people.amir, people.carla, "日本精工株式会社")
    asked = decision.ask_question(submitted(people.acme, people.amir, "Gasser Ofenbau"), by=people.carla, text="Which site?")
    comment.comment_deal(main, by=people.carla, body="They were with Globex last year.", internal=True)
    return {
        None: ["/accounts/login/"],
        people.amir: ["/", "/deals/", "/deals/new/", *(f"/deals/{deal.ref}/" for deal in (declined, held, asked))],
        people.alice: ["/team/", "/search/?q=kranz"],
        people.carla: [
            "/admin/",
            "/admin/search/?q=ann",
            "/profile/",
            "/admin/deals/review/",
            f"/admin/deals/review/{main.ref}/",
        ],
    }


def test_key_pages_are_accessible_light_and_within_their_width(browser, live_server, work):
    problems = []
    for user, paths in work.items():
        client = client_of(user)
        page = signed_in(browser, live_server.url, client)
        listen(page, str(user), problems)
        for path in paths:
            problems += examine(page, path, looks=[(1280, "light"), (375, "dark")])
        page.context.close()
        weight = first_load(browser, live_server.url, client, paths[-1])
        assert 0 < weight < FIRST_LOAD, (paths[-1], weight)
    assert problems == []


@pytest.mark.soak
def test_every_page_of_the_demo(browser, live_server, settings, transactional_db):
    """What links lead to, for everybody the demo signs in as; a page of a shape seen before is not looked at twice."""
    settings.REQUIRE_STAFF_MFA = False
    call_command("seed_demo", small=True)
    shapes, visited, problems = set(), set(), []
    for role, user in [("anonymous", None), *demo_users()]:
        client = client_of(user)
        found = pages_for(client, ["/accounts/login/", "/accounts/password/reset/"])
        new = [path for path, (_name, shape) in found.items() if shape not in shapes]
        shapes |= {shape for _name, shape in found.values()}
        visited |= {name for name, _shape in found.values()}
        page = signed_in(browser, live_server.url, client)
        listen(page, role, problems)
        for path in new:
            problems += [(role, *row) for row in examine(page, path)]
        page.context.close()
    assert problems == []
    missed = [name for name in names() if name not in visited and not NO_PAGES.match(name)]
    assert missed == [], "no link leads there: a dead end, or an address that NO_PAGES should name"

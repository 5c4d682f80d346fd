"""The journeys of a registration, from both sides of the counter, in a real browser over the whole stack."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from deals.enums import DealStatus
from deals.models import Deal, FreeWatch
from partners.enums import StaffRole
from partners.models import User
from prm.mail.models import Message
from tests.browser.examine import press
from tests.cast import make_staff
from tests.deals.material import approved, opportunity, product, submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, PHONE = 1280, 375


def modes(*now: tuple[int, bool]) -> list:
    """(width, JavaScript): those in `now` run with `make test`, the others with `make soak`."""
    every = [(WIDE, True), (PHONE, True), (WIDE, False), (PHONE, False)]
    name = "{}-{}".format
    return [
        pytest.param(mode, id=name(mode[0], "js" if mode[1] else "nojs"), marks=[] if mode in now else [pytest.mark.soak])
        for mode in every
    ]


def fill_registration(page, customer: str, **more: str) -> None:
    """The whole form, the way a seller fills it in."""
    page.fill("#id_customer_name", customer)
    page.select_option("#id_country", "AT")
    page.fill("#id_city", more.get("city", "Dornbirn"))
    page.select_option("#id_lines-0-product", label="GTX Pro")
    page.fill("#id_lines-0-quantity", "3")
    page.fill("#id_lines-0-amount", "27000")
    page.select_option("#id_currency", "USD")
    page.fill("#id_expected_close", (timezone.localdate() + timedelta(days=70)).isoformat())
    page.fill("#id_done_so_far", "Two meetings and a demo")


def open_decision(page, name: str) -> None:
    page.click(f".decision summary:has-text('{name}')")


@pytest.mark.parametrize("mode", modes((WIDE, True), (PHONE, False)))
def test_register_and_win(people, window, mode):
    product()
    page = window(people.amir, mode)
    page.goto("/")
    press(page, "main .page-actions a:has-text('Is an account free?')")
    page.fill("#id_customer", "Zumtobel Lighting GmbH")
    page.select_option("#id_country", "AT")
    press(page, "button:has-text('Check')")
    assert "Nothing stands in the way today" in page.inner_text("#answer")
    press(page, "a:has-text('Register it now')")
    assert page.input_value("#id_customer_name") == "Zumtobel Lighting GmbH"
    fill_registration(page, "Zumtobel Lighting GmbH")
    press(page, "button:has-text('Submit')")
    assert "In review" in page.inner_text(".page-head")
    deal = Deal.objects.get()
    assert (deal.status, deal.amount, deal.partner) == (DealStatus.IN_REVIEW, 27000, people.acme)

    desk = window(people.carla, mode)
    desk.goto("/admin/")
    press(desk, "main a[href='/admin/deals/review/']")
    press(desk, "main a:has-text('Zumtobel Lighting GmbH')")
    press(desk, "#do-approve")
    deal.refresh_from_db()
    assert (deal.status, deal.decided_by) == (DealStatus.APPROVED, people.carla)
    mail = Message.objects.get(template="deals.deal_approved", recipient_id=people.amir.pk)
    assert mail.body.subject and "Zumtobel" in mail.body.text

    page.goto("/deals/")
    press(page, "main a:has-text('Zumtobel Lighting GmbH')")
    assert "Protected until" in page.inner_text("#deal-decision")
    press(page, "button:has-text('Mark as won')")
    assert "Congratulations" in page.inner_text("#toasts")
    deal.refresh_from_db()
    assert deal.status == DealStatus.WON

    outbox = window(make_staff("Olga Ops", people.desk, StaffRole.OPS), mode)
    outbox.goto("/admin/mail/message/")
    assert mail.body.subject in outbox.inner_text("main")


@pytest.mark.parametrize("mode", modes((WIDE, True)))
def test_declined_as_a_duplicate(people, window, mode):
    opportunity("Zumtobel Lighting GmbH", owner="Vera Vendor", amount=98765, currency="USD")
    held = approved(people.globex, people.boris, people.carl, "Gasser Ofenbau")
    page = window(people.amir, mode)
    page.goto("/deals/new/")
    fill_registration(page, "Zumtobel Lighting GmbH", city="")
    press(page, "button:has-text('Submit')")
    told = page.inner_text("#deal-decision")
    assert "Declined as a duplicate" in told
    assert "Our own team is working on an open opportunity" in told
    assert "What matched: name" in told
    press(page, "button:has-text('Tell me when it is free')")
    assert "We will write to you once it is free." in page.inner_text("#toasts")
    assert FreeWatch.objects.get().user == people.amir

    page.goto("/deals/new/")
    fill_registration(page, "Gasser Ofenbau", city="")
    press(page, "button:has-text('Submit')")
    told = page.inner_text("#deal-decision")
    assert "protected for another registration" in told
    assert "may become free about" in told
    whole = page.content()
    assert not [word for word in ("Globex", "Boris", "Vera Vendor", "98765", held.ref) if word in whole]
    assert Deal.objects.filter(partner=people.acme, status=DealStatus.DECLINED).count() == 2


@pytest.mark.parametrize("mode", modes())
def test_returned_and_resubmitted(people, window, mode):
    deal = submitted(people.acme, people.amir, "Bachmann Optik")
    desk = window(people.carla, mode)
    desk.goto(f"/admin/deals/review/{deal.ref}/")
    open_decision(desk, "Send back")
    desk.select_option("#return-reason", "products")
    desk.fill("#return-text", "How many in the first year?")
    press(desk, "button:has-text('Send back')")
    deal.refresh_from_db()
    assert deal.status == DealStatus.RETURNED

    page = window(people.amir, mode)
    page.goto("/")
    press(page, "#home-on-me a:has-text('Bachmann Optik')")
    assert "How many in the first year?" in page.inner_text("#deal-decision")
    press(page, "a:has-text('Complete and submit')")
    page.fill("#id_lines-0-quantity", "40")
    press(page, "button:has-text('Submit')")
    deal.refresh_from_db()
    assert (deal.status, deal.lines.get().quantity) == (DealStatus.IN_REVIEW, 40)


def test_a_mistake_keeps_what_was_typed_and_points_to_the_field(people, window):
    product()
    page = window(people.amir, (WIDE, True))
    page.goto("/deals/new/")
    fill_registration(page, "Zumtobel Lighting GmbH")
    page.fill("#id_website", "gmail.com")
    page.select_option("#id_country", "")
    press(page, "button:has-text('Submit')")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.click("[data-error-summary] a:has-text('Country')")
    assert page.evaluate("document.activeElement.id") == "id_country"
    assert (page.input_value("#id_website"), page.input_value("#id_lines-0-amount")) == ("gmail.com", "27000")
    assert not Deal.objects.exists()


def test_registering_by_keyboard_alone(people, window):
    """Tab through the page from its top: skip link, form, products, submit by Ctrl+Enter. The mouse is never used."""
    product()
    page = window(people.amir, (WIDE, True))
    page.goto("/deals/new/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    day = timezone.localdate() + timedelta(days=70)
    typed = {
        "id_customer_name": "Ulmer Mühle",
        "id_country": "Austria",
        "id_lines-0-product": "GTX Pro",
        "id_lines-0-amount": "9000",
        "id_expected_close": day.strftime("%m%d%Y"),
        "id_done_so_far": "Two meetings",
    }
    for field, text in typed.items():
        for _step in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == field:
                break
        assert page.evaluate("document.activeElement.id") == field, field
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", field
        page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/deals/D-\w+/"))
    deal = Deal.objects.get()
    assert (deal.customer_name, deal.expected_close, deal.status) == ("Ulmer Mühle", day, DealStatus.IN_REVIEW)


def test_review_keys_decide_and_open_the_next_one(people, window):
    """a approves, r sends back, d declines; after each the next registration stands there."""
    names = ["Bachmann Optik", "Gasser Ofenbau", "Kranz Verlag", "Ulmer Mühle"]
    for name in names:
        submitted(people.acme, people.amir, name)
    page = window(people.carla, (WIDE, True))
    page.goto("/admin/deals/review/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/deals/review/D-*/")
    seen = []
    for keys in (["a"], ["r", "P"], ["d", "O"]):  # the letters choose the first reason that begins so
        seen.append(page.url)
        page.keyboard.press(keys[0])
        for key in keys[1:]:
            page.keyboard.press(key)
        page.keyboard.press("Control+Enter" if keys[1:] else "Enter")
        page.wait_for_function("before => location.href !== before", arg=page.url)
        page.wait_for_load_state()
    assert len({*seen, page.url}) == 4
    found = sorted(Deal.objects.values_list("status", flat=True))
    assert found == sorted([DealStatus.APPROVED, DealStatus.RETURNED, DealStatus.DECLINED, DealStatus.IN_REVIEW])


def test_the_longest_buttons_fit_the_smallest_screen(window, people):
    """German says most with the longest words: declined, in review and approved at 320 px, without JavaScript as well."""
    User.objects.filter(pk=people.amir.pk).update(language="de")
    opportunity("Kranz Verlag")
    deals = [
        submitted(people.acme, people.amir, "Kranz Verlag"),
        submitted(people.acme, people.amir, "Gasser Ofenbau"),
        approved(people.acme, people.amir, people.carla, "Bachmann Optik"),
    ]
    page = window(User.objects.get(pk=people.amir.pk), (320, False))
    for deal in deals:
        page.goto(f"/deals/{deal.ref}/")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, deal.status


def test_a_refused_form_is_open_with_its_words_and_the_focus(window, people):
    deal = approved(people.acme, people.amir, people.carla, "Bachmann Optik")
    for scripts in (True, False):
        page = window(people.amir, (1280, scripts))
        page.goto(f"/deals/{deal.ref}/")
        page.click("summary:has-text('Ask for more time')")
        page.fill("#extend-reason", "The board meets in May")
        page.click("button:has-text('Ask for an extension')")
        page.wait_for_selector("details[open] .error-summary")
        assert page.input_value("#extend-reason") == "The board meets in May"
        assert page.evaluate("document.activeElement.closest('details[open]') !== null")

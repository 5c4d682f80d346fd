"""Search from wherever one is: by the keys with JavaScript, by the box without; and a photo that staff set and partners see."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.browser.examine import press
from tests.browser.test_journeys import modes
from tests.deals.material import submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("key", ["/", "Control+k"])
@pytest.mark.parametrize("who", ["amir", "carla"])
def test_a_key_a_few_letters_and_enter(people, window, key, who):
    deal = submitted(people.acme, people.amir, "Kranz Verlag")
    page = window(getattr(people, who), (1280, True))
    page.goto("/deals/" if who == "amir" else "/admin/deals/review/")
    page.keyboard.press(key)
    page.keyboard.type("kranz")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, "main a:has-text('Kranz Verlag')")
    assert deal.ref in page.inner_text("main") and deal.ref in page.url


@pytest.mark.parametrize("mode", modes((375, False)))
def test_the_box_without_javascript(people, window, mode):
    submitted(people.acme, people.amir, "Kranz Verlag")
    page = window(people.amir, mode)
    page.goto("/")
    page.fill("#search", "kranz")
    with page.expect_navigation():
        page.press("#search", "Enter")
    assert "Kranz Verlag" in page.inner_text("main")
    page.fill("#q", "nobody of this name")
    press(page, "main form[role=search] button")
    assert "Nothing found" in page.inner_text("main")


@pytest.mark.parametrize("mode", modes((1280, True), (375, False)))
def test_staff_set_a_photo_and_their_partner_sees_it(people, window, mode):
    picture = io.BytesIO()
    Image.new("RGB", (500, 400), "teal").save(picture, "PNG")
    page = window(people.carla, mode)
    page.goto("/profile/")
    page.set_input_files("#id_photo", {"name": "me.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    press(page, "button:has-text('Save the photo')")
    partner = window(people.amir, mode)
    partner.goto("/manager/")
    shown = partner.locator("main img.photo")
    assert shown.count() == 1 and shown.evaluate("image => image.naturalWidth") == 320

"""The team's journey: invite, accept, another role, and a removal with the colleague who takes over."""

from __future__ import annotations

import re

import pytest

from deals.models import Deal
from partners.enums import Role
from partners.models import Membership, User
from prm.mail.models import Message
from tests.browser.examine import press
from tests.browser.test_journeys import modes
from tests.deals.material import submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "nora.new@acme.test"


def invitation_link() -> str:
    """The link out of the invitation's mail."""
    mail = Message.objects.get(template="partners.invitation")
    found = re.search(r"https?://[^/\s]+(/invitation/\S+)", mail.body.text)
    assert found
    return found[1]


def member_page(page, name: str) -> None:
    page.goto("/team/")
    press(page, f"main table a:has-text('{name}')")


@pytest.mark.parametrize("mode", modes((1280, True)))
def test_invite_accept_change_and_remove(people, window, mode):
    deal = submitted(people.acme, people.amir, "Bachmann Optik")
    admin = window(people.alice, mode)
    admin.goto("/team/")
    press(admin, "a:has-text('Invite a colleague')")
    admin.fill("#id_email", NEW)
    admin.fill("#id_name", "Nora New")
    admin.select_option("#id_role", Role.SALES)
    press(admin, "button:has-text('Send the invitation')")
    assert NEW in admin.inner_text("main")

    guest = window(None, mode)
    guest.goto(invitation_link())
    assert "invites you to the team of Acme as Sales" in guest.inner_text("main")
    for box in guest.query_selector_all("main input[type=password]"):
        box.fill("a long and quiet sentence 47")
    if guest.query_selector("#id_name"):
        guest.fill("#id_name", "Nora New")
    press(guest, "button:has-text('Set the password and join')")
    assert "What needs you" in guest.inner_text("h1")
    nora = Membership.objects.get(user__email=NEW)
    assert nora.role == Role.SALES

    member_page(admin, "Nora New")
    admin.select_option("#id_role", Role.TECHNICAL)
    press(admin, "button:has-text('Change the role')")
    nora.refresh_from_db()
    assert nora.role == Role.TECHNICAL

    member_page(admin, "Nora New")
    admin.select_option("#id_role", Role.SALES)
    press(admin, "button:has-text('Change the role')")
    member_page(admin, "Amir Sales")
    press(admin, "a:has-text('Remove from the team')")
    press(admin, "button:has-text('Remove and hand over')")
    assert "Who takes over" in admin.inner_text("[data-error-summary]")
    admin.select_option("#id_successor", label=f"Nora New ({Role.SALES.label})")
    press(admin, "button:has-text('Remove and hand over')")
    assert "Amir Sales" not in admin.inner_text("main table")
    assert Deal.objects.get(pk=deal.pk).owner == User.objects.get(email=NEW)

"""Whom nothing is sent to: suspended, left, in quiet mode, unsubscribed, blocked, erased."""

import pytest

from partners.models import Contact, Partner, PartnerType
from prm.mail.enums import MessageStatus, Why
from prm.mail.models import Message, Preference, Suppression
from prm.mail.rules import address_hash
from prm.mail.services import block_address, erase_address, lift_block, queue, recipients

pytestmark = pytest.mark.django_db
QUEUED, NOT_SENT = MessageStatus.QUEUED, MessageStatus.SUPPRESSED


def fate(message):
    return (message.status, message.why)


@pytest.fixture
def globex(acme):
    return Partner.objects.create(name="Globex", sort_name="globex", partner_type=PartnerType.objects.get())


def test_a_suspended_user_gets_nothing_but_what_says_so(alice, acme):
    recipients.set_status(alice, "suspended")
    assert fate(queue("probe.news", to=alice, partner=acme)) == (NOT_SENT, Why.SUSPENDED)
    assert fate(queue("probe.news", to=alice, partner=acme, always=True)) == (QUEUED, "")
    recipients.set_status(alice, "ok")
    assert fate(queue("probe.news", to=alice, partner=acme)) == (QUEUED, "")


def test_a_suspended_partners_mails_stop_and_no_others(alice, acme, globex):
    recipients.set_status(acme, "suspended")
    assert fate(queue("probe.news", to=alice, partner=acme)) == (NOT_SENT, Why.SUSPENDED)
    assert fate(queue("probe.news", to=alice, partner=globex)) == (QUEUED, "")


def test_a_suspended_membership_counts_for_its_partner_only(alice, acme, globex):
    recipients.set_status(alice, "suspended", partner=acme)
    assert fate(queue("probe.news", to=alice, partner=acme)) == (NOT_SENT, Why.SUSPENDED)
    assert fate(queue("probe.news", to=alice, partner=globex)) == (QUEUED, "")
    assert fate(queue("probe.news", to=alice)) == (QUEUED, "")


def test_quiet_mode_stops_nudges_only(alice, acme):
    recipients.set_status(acme, "paused")
    assert fate(queue("probe.news", to=alice, partner=acme, nudge=True)) == (NOT_SENT, Why.PAUSED)
    assert fate(queue("probe.news", to=alice, partner=acme)) == (QUEUED, "")


def test_who_left_or_may_not_sign_in_gets_nothing(alice, acme):
    contact = Contact.objects.create(partner=acme, name="Kim", email="kim@acme.example")
    recipients.set_status(contact, "left")
    assert fate(queue("probe.news", to=contact, partner=acme)) == (NOT_SENT, Why.LEFT)
    alice.is_active = False
    assert fate(queue("probe.news", to=alice, partner=acme)) == (NOT_SENT, Why.LEFT)


def test_an_unknown_status_is_refused(acme):
    with pytest.raises(ValueError, match="asleep"):
        recipients.set_status(acme, "asleep")


def test_a_contact_reads_the_partners_language(acme):
    acme.language = "es"
    contact = Contact.objects.create(partner=acme, name="Kim", email="kim@acme.example")
    message = queue("probe.news", to=contact, partner=acme)
    assert (message.language, message.recipient_kind, message.recipient_id) == ("es", "contact", contact.pk)


def test_no_address_no_mail(acme):
    assert queue("probe.news", to=" ", partner=acme) is None
    assert Message.objects.count() == 0


def test_a_blocked_address_until_lifted(alice, acme):
    block_address(address_hash(alice.email), "complained")
    assert fate(queue("probe.news", to=alice, partner=acme, always=True)) == (NOT_SENT, Why.BLOCKED)
    lift_block(Suppression.objects.get(), by=alice)
    assert fate(queue("probe.news", to=alice, partner=acme)) == (QUEUED, "")


def test_an_unsubscribed_kind_stops_only_as_nudge(alice, acme):
    recipients.set_user_preference(alice, "probe.news", False)
    assert fate(queue("probe.news", to=alice, partner=acme, nudge=True)) == (NOT_SENT, Why.UNSUBSCRIBED)
    assert fate(queue("probe.news", to=alice, partner=acme)) == (QUEUED, "")


def test_erasing_blanks_every_mail_of_a_person_and_sends_none(alice, acme):
    waiting = queue("probe.news", to=alice, partner=acme)
    by_address = queue("probe.news", to="ALICE@acme.example", partner=acme)
    other = queue("probe.news", to="bob@acme.example", partner=acme)
    recipients.set_user_preference(alice, "*", False)
    assert erase_address(alice.pk, alice.email) == 2
    for message in (waiting, by_address):
        message.refresh_from_db()
        assert fate(message) == (NOT_SENT, Why.ERASED)
        assert (message.body.address, message.body.subject, message.body.text, message.body.html) == ("", "", "", "")
    other.refresh_from_db()
    assert other.body.address == "bob@acme.example"
    assert Preference.objects.count() == 0
    assert erase_address(None, "") == 0

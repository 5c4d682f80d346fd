"""Erasing a person: nothing of name, address or phone is left anywhere; append-only rows are as they were; rules hold."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection

from deals.enums import DealStatus
from deals.models import CustomerContact, Deal
from deals.services import activity, comment, decision
from deals.services.extension import ask_extension
from partners.models import Contact, Invitation, User
from partners.services import contact, invitation
from partners.services.user import save_profile
from prm.audit.models import Event
from prm.core.errors import DomainError, NotAllowed
from prm.mail.models import MailBody, Message
from prm.people.services import erase_person
from tests.deals.material import approved, opportunity, submitted

pytestmark = pytest.mark.django_db
EMAIL = "amir.sales@acme.test"


def places_of(*words: str) -> list[str]:
    """Every text column of the database in which one of the words stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'jsonb', 'ARRAY')"
        )
        columns = cursor.fetchall()
        found = []
        for table, column in columns:
            hit = " OR ".join(f'"{column}"::text ILIKE %s' for _word in words)
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {hit}', [f"%{word}%" for word in words])
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


@pytest.fixture
def busy_amir(cast, client):
    """A sales rep with a full life in the product."""
    amir = cast.amir
    save_profile(amir, by=amir, title="Head of Unicorns", phone="+4366412345678", meeting_link="https://meet.test/amir-room")
    EmailAddress.objects.create(user=amir, email=EMAIL, verified=True, primary=True)
    Authenticator.objects.create(user=amir, type="totp", data={"secret": "x"})
    client.force_login(amir)
    won = approved(cast.acme, amir, cast.carla, done_so_far="Met at Amir Sales’ office", contact_name="Frau Kunde")
    activity.log_activity(won, by=amir, kind="call", line="Amir Sales called, or write to AMIR.SALES@acme.test")
    ask_extension(won, by=amir, reason="Amir Sales is on leave")
    comment.comment_deal(won, by=cast.carla, body="Amir Sales knows more. Not Amira Salesian.")
    open_one = submitted(cast.acme, amir, "Bachmann Optik")
    decision.ask_question(open_one, by=cast.carla, text="Which site?")
    opportunity("Kranz Verlag", owner="Amir Sales", owner_email=EMAIL)
    contact.add_contact(cast.globex, name="Amir Sales", email=EMAIL, by=None)
    invitation.invite(cast.globex, email=EMAIL, name="Amir Sales", role="sales", by=cast.boris)
    return amir


def test_nothing_is_left_of_name_address_and_phone(cast, busy_amir):
    assert len(places_of("Amir Sales", EMAIL, "66412345678", "amir-room", "Unicorns")) > 10
    erase_person(EMAIL)
    assert places_of("Amir Sales", EMAIL, "66412345678", "amir-room", "Unicorns") == []
    amir = User.objects.get(pk=busy_amir.pk)
    assert (amir.is_active, amir.has_usable_password(), str(amir)) == (False, False, "Erased person")
    assert amir.erased_at and amir.email.endswith("@erased.invalid")
    assert not EmailAddress.objects.filter(user=amir).exists()
    assert not Authenticator.objects.filter(user=amir).exists()
    assert not Session.objects.exists()
    assert Invitation.objects.get(partner=cast.globex, role="sales").status == "revoked"
    assert "Amira Salesian" in places_text(), "another person's name stays"


def places_text() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(body, ' ') FROM record_comment")
        return cursor.fetchone()[0]


def test_append_only_rows_are_as_they_were(cast, busy_amir):
    events = {row["id"]: row for row in Event.objects.values()}
    heads = dict(Message.objects.values_list("pk", "template"))
    erase_person(EMAIL)
    assert {pk: row for pk, row in ((row["id"], row) for row in Event.objects.values()) if pk in events} == events
    assert heads.items() <= dict(Message.objects.values_list("pk", "template")).items()
    assert not MailBody.objects.filter(message__recipient_id=busy_amir.pk).exclude(text="", html="", address="").exists()


def test_the_work_goes_to_an_admin_and_mails_stop(cast, busy_amir):
    erase_person(EMAIL)
    assert set(Deal.objects.filter(status__in=[DealStatus.APPROVED, DealStatus.IN_REVIEW]).values_list("owner", flat=True)) == {
        cast.alice.pk
    }
    assert not Message.objects.filter(recipient_id=busy_amir.pk, status="queued").exists()


def test_the_last_admin_stays_until_there_is_another(cast):
    before = User.objects.values().get(pk=cast.alice.pk)
    with pytest.raises(NotAllowed):
        erase_person("alice.admin@acme.test")
    assert User.objects.values().get(pk=cast.alice.pk) == before


def test_a_channel_manager_first_gives_the_partners_away(cast):
    with pytest.raises(DomainError) as refused:
        erase_person("carla.manager@vendor.test")
    assert refused.value.key == "manager"
    erase_person("dana.desk@vendor.test")
    assert places_of("Dana Desk", "dana.desk@vendor.test") == []


def test_a_contact_at_a_customer_without_account(cast):
    deal = submitted(
        cast.acme, cast.amir, contact_name="Konrad Kunde", contact_email="k.kunde@kunde.test", contact_phone="0664 1"
    )
    comment.comment_deal(deal, by=cast.amir, body="Konrad Kunde wants red")
    erased = erase_person("K.Kunde@kunde.test")
    assert erased.counts["contacts at customers"] == 1
    assert places_of("Konrad Kunde", "k.kunde@kunde.test", "0664 1") == []
    assert CustomerContact.objects.get().deal == deal


def test_a_dry_run_counts_and_changes_nothing(cast, busy_amir):
    before = places_of("Amir Sales", EMAIL)
    counts = erase_person(EMAIL, dry_run=True).counts
    assert counts["accounts"] == 1 and counts["contacts"] == 1
    assert (places_of("Amir Sales", EMAIL), Contact.objects.count()) == (before, 1)


@pytest.mark.parametrize("email", ["nobody@nowhere.test", "", "no address", "a\x00b@c.test"])
def test_nobody_or_no_address_is_refused(cast, email):
    with pytest.raises(DomainError):
        erase_person(email)

"""The outbox where there is no address, a secret that may not go out, a provider that names nobody."""

import pytest
from django.db import IntegrityError, transaction

from partners.services import membership
from prm.mail.models import MailBody, Message, Suppression
from prm.mail.services import outbox, queue
from prm.mail.services.blocks import note_complaint
from prm.mail.services.outbox import queue_rendered

pytestmark = pytest.mark.django_db


def test_without_an_address_there_is_no_mail():
    assert queue_rendered("partners.login_code", to=" ", subject="Code", text="ABC") is None
    assert queue("partners.login_code", to="", context={"code": "ABC"}) is None
    assert not Message.objects.exists()


def test_a_secret_that_may_not_go_out_is_not_kept(cast):
    membership.suspend(cast.amir.memberships.get(), by=cast.alice)
    type(cast.amir).objects.filter(pk=cast.amir.pk).update(is_active=False)
    cast.amir.refresh_from_db()
    message = queue("partners.login_code", to=cast.amir, context={"code": "ABC-123"}, secret=True)
    body = MailBody.objects.get(message=message)
    assert (message.status, body.subject, body.text, body.html) == ("suppressed", "", "", "")


def test_a_complaint_about_nothing_blocks_nothing():
    note_complaint("ML-NOTHING", "")
    assert not Suppression.objects.exists()
    note_complaint("ML-NOTHING", "amir.sales@acme.test")
    assert Suppression.objects.count() == 1


def test_a_row_that_cannot_be_written_is_an_error_not_a_second_mail():
    message = queue("partners.login_code", to="ada@corp.example", context={"code": "ABC"})
    with pytest.raises(IntegrityError), transaction.atomic():
        outbox._write(message, None, None, "")
    assert Message.objects.count() == 1

"""Earlier states: kept by the database, readable on the record's page, nothing on insert, never changed."""

import pytest
from django.db import DatabaseError, transaction

from deals.models import Customer, Deal
from deals.services.activity import PipelineFacts, update_pipeline
from partners.models import ManagerAssignment, Membership, Partner, StaffRoleGrant
from partners.services.membership import change_role
from partners.services.staff import set_staff_roles
from prm.web.history import changes_of, has_history
from tests.deals.material import approved, submitted

pytestmark = pytest.mark.django_db


def test_which_tables():
    assert all(has_history(model) for model in (Deal, Customer, Partner, Membership, StaffRoleGrant, ManagerAssignment))


def test_a_row_as_born_has_none_and_a_change_tells_before_and_after(cast):
    membership = Membership.objects.get(user=cast.tom)
    assert changes_of(membership) == []
    change_role(membership, "sales", by=cast.alice)
    [change] = changes_of(Membership.objects.get(pk=membership.pk))
    assert (change.label, change.before, change.after) == ("Role", "Technical", "Sales")


def test_each_step_of_a_deal_and_no_free_text(cast):
    deal = approved(cast.acme, cast.amir, cast.carla, done_so_far="Secret plan")
    facts = PipelineFacts("proposal", deal.amount, deal.expected_close, "Call Herr Geheim", deal.version)
    update_pipeline(deal, facts, by=cast.amir)
    found = changes_of(Deal.objects.get())
    assert ("Stage", "Prospecting", "Proposal") in [(row.label, row.before, row.after) for row in found]
    assert ("Status", "In review", "Approved") in [(row.label, row.before, row.after) for row in found]
    assert found[0].at >= found[-1].at
    names = {field.name for field in Deal.events.rel.related_model._meta.fields}
    assert not names & {"next_step", "done_so_far", "reason_text"}


def test_many_rows_in_one_statement(cast):
    submitted(cast.acme, cast.amir)
    submitted(cast.acme, cast.amir, "Kranz Verlag")
    assert Customer.objects.update(city="Wien") == 2
    assert [len(changes_of(row)) for row in Customer.objects.all()] == [1, 1]
    Customer.objects.update(phone="1")
    assert [len(changes_of(row)) for row in Customer.objects.all()] == [1, 1], "a field that is not kept"


def test_what_is_removed_stays_readable_and_nothing_is_rewritten(cast):
    grant = StaffRoleGrant.objects.get(staff__user=cast.dana)
    events = StaffRoleGrant.events.rel.related_model
    StaffRoleGrant.objects.filter(pk=grant.pk).delete()
    [event] = events.objects.filter(pgh_obj_id=grant.pk)
    assert (event.pgh_label, event.role) == ("removed", "deal_desk")
    for call in (lambda: events.objects.update(role="ops"), lambda: events.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            call()
    assert events.objects.get(pk=event.pk).role == "deal_desk"


def test_the_record_page_shows_it(client, cast, settings):
    settings.REQUIRE_STAFF_MFA = False
    grant = StaffRoleGrant.objects.get(staff__user=cast.dana)
    set_staff_roles(grant.staff, ["support"], by=cast.rita)
    client.force_login(cast.rita)
    page = client.get(f"/admin/partners/staffmember/{grant.staff.pk}/change/").content.decode()
    assert "Deal desk" in page and "removed" in page
    Partner.objects.filter(pk=cast.acme.pk).update(city="Springfield")
    client.force_login(cast.carla)
    page = client.get(f"/admin/partners/partner/{cast.acme.pk}/change/").content.decode()
    assert "History" in page and "Springfield" in page
    client.force_login(cast.carl)
    assert client.get(f"/admin/partners/partner/{cast.acme.pk}/change/").status_code == 404

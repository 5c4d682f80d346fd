"""Between signing in and the first page: a live membership, or nothing."""

import pytest
from django.urls import reverse

from partners.models import User
from partners.services import membership, partner
from tests.partners.sign_in.conftest import sign_in

pytestmark = pytest.mark.django_db


def test_without_a_membership_there_is_a_page_and_no_data(client, person):
    sign_in(client, person.email)
    membership.suspend(person.memberships.get(), by=None)
    response = client.get(reverse("partners:profile"))
    assert response.status_code == 403 and "no access at the moment" in response.content.decode()
    assert "Northwind" not in response.content.decode()
    assert client.get(reverse("account_change_password")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302


def test_back_again_after_a_suspension(client, person):
    membership.suspend(person.memberships.get(), by=None)
    sign_in(client, person.email)
    assert client.get(reverse("partners:profile")).status_code == 403
    membership.resume(person.memberships.get(), by=None)
    assert client.get(reverse("partners:profile")).status_code == 200


def test_a_suspended_company_is_refused_at_the_next_request(client, person, company):
    rita = User.objects.create_superuser("rita@vendor.test")
    sign_in(client, person.email)
    assert client.get(reverse("partners:profile")).status_code == 200
    partner.suspend_partner(company, by=rita)
    assert client.get(reverse("partners:profile")).status_code == 403


def test_a_closed_account_is_out_at_the_next_request(client, person):
    sign_in(client, person.email)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(reverse("partners:profile")).url.startswith(reverse("account_login"))


def test_open_pages_stay_open(client, person):
    client.force_login(person)
    membership.remove(person.memberships.get(), by=None)
    assert client.get("/healthz/").status_code == 200
    assert client.post(reverse("web:set_theme"), {"theme": "dark"}).status_code == 302


def test_htmx_gets_the_refusal_too(client, person):
    client.force_login(person)
    membership.remove(person.memberships.get(), by=None)
    assert client.get(reverse("partners:profile"), HTTP_HX_REQUEST="true").status_code == 403

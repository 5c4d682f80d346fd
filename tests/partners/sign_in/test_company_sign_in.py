"""Single sign-on against a real provider on this machine, and a company that requires its own."""

import re

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.urls import reverse
from django.utils.html import strip_tags

from partners.enums import Role
from partners.models import Partner, User
from partners.services import membership
from partners.sign_in.providers import providers_from_env
from tests.cast import PASSWORD, make_member, make_partner, make_type
from tests.partners.sign_in.conftest import events, give_factor, mails, sign_in, signed_in_as, totp
from tests.partners.sign_in.oidc_server import CLIENT, SECRET, OidcServer

pytestmark = pytest.mark.django_db
PROVIDER = "northwind-id"


@pytest.fixture(scope="module")
def oidc():
    server = OidcServer()
    yield server
    server.stop()


@pytest.fixture
def app(oidc, db):
    settings = {"server_url": oidc.url, "hidden": True}
    return SocialApp.objects.create(
        provider="openid_connect", provider_id=PROVIDER, name="Northwind ID", client_id=CLIENT, secret=SECRET, settings=settings
    )


@pytest.fixture
def bound(app, company):
    """Northwind's people sign in at Northwind ID."""
    Partner.objects.filter(pk=company.pk).update(required_sign_in=PROVIDER)
    company.refresh_from_db()
    return company


def leave_for(client, provider=PROVIDER, **data):
    """Press the provider's button; returns the provider's address from the page that leads there."""
    response = client.post(reverse("openid_connect_login", args=[provider]), data)
    assert response.status_code == 200, "a form may not be redirected off the site"
    return re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', response.content.decode())[1].replace("&amp;", "&")


def come_back(client, oidc, address, provider=PROVIDER, **claims):
    claims = {"sub": "s-1", "name": "Nora North", "email_verified": True, **claims}
    return client.get(reverse("openid_connect_callback", args=[provider]), oidc.authorise(address, **claims))


def sso(client, oidc, email, provider=PROVIDER, **claims):
    return come_back(client, oidc, leave_for(client, provider), provider, email=email, **claims)


def test_a_password_is_refused_and_the_provider_offered(client, person, bound):
    response = sign_in(client, person.email)
    assert response.url == reverse("partners:company_sign_in") and signed_in_as(client) is None
    page = client.get(response.url)
    assert page.status_code == 403
    assert "Sign in with Northwind ID" in page.content.decode()
    assert reverse("openid_connect_login", args=[PROVIDER]) in page.content.decode()
    assert events(person) == []


def test_a_wrong_password_tells_nothing_about_the_company(client, person, bound):
    assert sign_in(client, person.email, "wrong").status_code == 200


def test_the_provider_lets_the_member_in_and_is_linked(client, oidc, person, bound):
    response = sso(client, oidc, "Nora.North@northwind.test")
    assert response.status_code == 302 and signed_in_as(client) == str(person.pk)
    account = SocialAccount.objects.get()
    assert account.user == person and account.extra_data == {}
    assert events(person) == ["partners.user.provider_linked", "partners.user.signed_in"]
    assert client.get(reverse("partners:profile")).status_code == 200
    person.refresh_from_db()
    assert person.check_password(PASSWORD), "linking leaves the password alone"
    client.post(reverse("account_logout"))
    sso(client, oidc, "renamed@northwind.test")
    assert signed_in_as(client) == str(person.pk), "the link holds when the address there changes"


def test_a_session_from_before_the_requirement_is_led_to_the_provider(client, person, app, company):
    sign_in(client, person.email)
    Partner.objects.filter(pk=company.pk).update(required_sign_in=PROVIDER)
    assert client.get(reverse("partners:profile")).url == reverse("partners:company_sign_in")


@pytest.mark.parametrize("verified", [False, None, "false"])
def test_an_address_the_provider_did_not_check_opens_nothing(client, oidc, person, bound, verified):
    response = sso(client, oidc, person.email, email_verified=verified)
    assert response.status_code == 200 and signed_in_as(client) is None
    assert not SocialAccount.objects.exists() and User.objects.count() == 1


def test_nobody_is_made_without_an_invitation(client, oidc, person, bound):
    response = sso(client, oidc, "stranger@northwind.test", sub="s-9")
    assert response.status_code == 200 and signed_in_as(client) is None
    assert User.objects.count() == 1


def test_one_companys_provider_does_not_speak_for_other_people(client, oidc, person, bound, cast):
    for victim in (cast.boris, cast.rita, cast.carla):
        sso(client, oidc, victim.email, sub=f"evil-{victim.pk}")
        assert signed_in_as(client) is None, victim
    assert not SocialAccount.objects.exists()


def test_a_pending_new_address_is_no_address(client, oidc, person, bound, company):
    """Somebody who only asked to change to an address must not receive its owner."""
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=person, email="chief@northwind.test", verified=False)
    sso(client, oidc, "chief@northwind.test", sub="s-7")
    assert signed_in_as(client) is None


def test_domains_let_a_provider_speak_for_more(client, oidc, cast, app):
    app.settings = {**app.settings, "domains": ["vendor.test"]}
    app.save()
    sso(client, oidc, cast.dana.email, sub="s-dana")
    assert signed_in_as(client) == str(cast.dana.pk)


def test_the_second_factor_still_counts(client, oidc, person, bound):
    secret = give_factor(person)
    assert sso(client, oidc, person.email).url == reverse("mfa_authenticate")
    assert signed_in_as(client) is None
    client.post(reverse("mfa_authenticate"), {"code": totp(secret)})
    assert client.get(reverse("partners:profile")).status_code == 200


@pytest.mark.parametrize("url_name", ["account_request_login_code", "account_reset_password"])
def test_codes_and_links_give_way_to_the_provider(client, person, bound, url_name):
    client.post(reverse(url_name), {"email": person.email})
    [mail] = mails()
    assert mail.template == "partners.company_sign_in"
    path = re.search(r"(/sign-in/company/\?via=\S+)", mail.body.text)[1]
    assert "Sign in with Northwind ID" in client.get(path).content.decode()


@pytest.mark.parametrize("via", ["", "x", "[]", "WyJ4Il0:1abc:def", "\x00", "a" * 9000])
def test_a_made_up_link_names_no_provider(client, app, via):
    response = client.get(reverse("partners:company_sign_in"), {"via": via})
    assert response.status_code == 200 and "Northwind ID" not in response.content.decode()


def test_a_provider_that_is_not_set_up_is_said(client, person, company):
    Partner.objects.filter(pk=company.pk).update(required_sign_in="gone")
    response = sign_in(client, person.email)
    assert "not set up here yet" in client.get(response.url).content.decode()


def test_another_provider_does_not_do(client, oidc, person, bound, app):
    """A second company's provider may be linked to the same person; it opens only what asks for it."""
    other = make_partner("Contoso", make_type("integrator"), country="US")
    Partner.objects.filter(pk=other.pk).update(required_sign_in="contoso-id")
    app.pk, app.provider_id, app.name = None, "contoso-id", "Contoso ID"
    app.save()
    membership.add_member(other, person, Role.SALES, by=None)
    sso(client, oidc, person.email, provider="contoso-id")
    assert signed_in_as(client) == str(person.pk)
    page = strip_tags(client.get(reverse("partners:profile")).content.decode())
    assert re.search(r"Contoso\s+·\s+Sales", page) and re.search(r"Northwind\s+·\s+opens with that company", page)
    from partners.queries import scope_for
    from partners.rules.sign_in import SIGNED_IN_WITH

    signed = User.objects.get(pk=person.pk)
    setattr(signed, SIGNED_IN_WITH, frozenset({"contoso-id"}))
    assert other in scope_for(signed) and bound not in scope_for(signed)


def test_a_member_of_two_companies_of_which_one_requires_it(client, oidc, person, bound):
    free = make_partner("Contoso", make_type("integrator"), country="US")
    membership.add_member(free, person, Role.ADMIN, by=None)
    assert sign_in(client, person.email).url == reverse("partners:company_sign_in")
    sso(client, oidc, person.email)
    page = client.get(reverse("partners:profile")).content.decode()
    assert "Contoso" in page and "Northwind" in page and "opens with that company" not in page


def test_errors_of_the_provider_are_a_page(client, oidc, app):
    address = leave_for(client)
    query = oidc.authorise(address, sub="x")
    callback = reverse("openid_connect_callback", args=[PROVIDER])
    assert client.get(callback, {**query, "state": "made-up"}).status_code == 401
    assert client.get(callback, {**query, "code": "made-up"}).status_code == 401
    assert client.get(callback, {"error": "access_denied", "state": query["state"]}).status_code in (200, 302, 401)
    assert client.get(reverse("openid_connect_login", args=["unknown"])).status_code == 404
    assert signed_in_as(client) is None


def test_hidden_providers_are_not_on_the_public_page(client, app):
    assert "Northwind ID" not in client.get(reverse("account_login")).content.decode()


def test_an_invited_person_joins_through_the_provider(client, oidc, bound, person):
    from tests.partners.sign_in.test_invitation import invite

    token = invite(bound, "new@northwind.test")
    path = reverse("partners:invitation_accept", args=[token])
    assert "Sign in with Northwind ID" in client.get(path).content.decode()
    response = come_back(client, oidc, leave_for(client, next=path), sub="s-new", email="new@northwind.test", name="Nia\x00 New")
    assert response.status_code == 302
    newcomer = User.objects.get(email="new@northwind.test")
    assert signed_in_as(client) == str(newcomer.pk) and not newcomer.has_usable_password()
    assert newcomer.memberships.get().partner == bound
    assert client.get(reverse("partners:profile")).status_code == 200


def test_the_invitation_is_only_for_its_own_address(client, oidc, bound, person):
    from tests.partners.sign_in.test_invitation import invite

    client.get(reverse("partners:invitation_accept", args=[invite(bound, "new@northwind.test")]))
    sso(client, oidc, "thief@northwind.test", sub="s-thief")
    assert signed_in_as(client) is None and not User.objects.filter(email="thief@northwind.test").exists()


def test_a_members_invitation_by_another_company(client, oidc, app, person, bound):
    """An existing person signs in first, comes back to the invitation and joins."""
    from tests.partners.sign_in.test_invitation import invite

    contoso = make_partner("Contoso", make_type("integrator"), country="US")
    make_member("Carol Contoso", contoso, Role.ADMIN)
    path = reverse("partners:invitation_accept", args=[invite(contoso, person.email)])
    assert f"?next={path}" in client.get(path).content.decode()
    sso(client, oidc, person.email)
    assert client.post(path).status_code == 302
    assert set(person.memberships.values_list("partner__name", flat=True)) == {"Northwind", "Contoso"}


class TestEnvironment:
    def read(self, monkeypatch, **variables):
        import environ

        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return providers_from_env(environ.Env())

    def test_nothing_set(self, monkeypatch):
        assert all(entry["APPS"] == [] for entry in self.read(monkeypatch).values())

    def test_a_shared_microsoft_tenant_is_never_believed(self, monkeypatch):
        for tenant, believed in (("common", False), ("organizations", False), ("8d7c-tenant", True)):
            found = self.read(monkeypatch, MICROSOFT_CLIENT_ID="i", MICROSOFT_CLIENT_SECRET="s", MICROSOFT_TENANT=tenant)
            assert found["microsoft"]["APPS"][0]["settings"]["verified_email"] is believed

    def test_google_and_a_company(self, monkeypatch):
        entry = '[{"id": "n", "server_url": "https://id.n.test", "client_id": "c", "secret": "s", "domains": ["N.test"]}]'
        found = self.read(monkeypatch, GOOGLE_CLIENT_ID="g", GOOGLE_CLIENT_SECRET="s", OIDC_PROVIDERS=entry)
        assert found["google"]["APPS"][0]["client_id"] == "g"
        [company] = found["openid_connect"]["APPS"]
        assert company["provider_id"] == "n"
        assert company["settings"] == {"server_url": "https://id.n.test", "hidden": True, "domains": ["n.test"]}

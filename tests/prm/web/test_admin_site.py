"""Review and configuration: our site, our sign-in, our look, and no page that axe or the content policy objects to."""

import pytest
from django.conf import settings as live_settings
from django.contrib import admin
from django.urls import reverse

from partners.models import User
from prm.catalog.models import Product, ProductFamily
from prm.web.admin_site import Queue, ReviewSite, site
from tests.prm.web.look import listen, problems_of


@pytest.fixture
def rita(db, settings):
    settings.REQUIRE_STAFF_MFA = False
    return User.objects.create_superuser("rita@vendor.test", "correct horse battery")


@pytest.fixture
def own_queues():
    before = dict(site.queues)
    yield site.queues
    site.queues.clear()
    site.queues.update(before)


def number_for(user):
    return 7 if user.is_superuser else None


def test_the_admin_is_our_site():
    assert isinstance(admin.site, ReviewSite) and site is not None
    ours = ("partners", "programs", "deals", "mdf", "prm.")
    assert [model for model in admin.site._registry if not model.__module__.startswith(ours)] == []


@pytest.mark.django_db
def test_sign_in_goes_the_products_way(client):
    answer = client.get("/admin/", follow=True)
    assert [url.split("?")[0] for url, _ in answer.redirect_chain][-1] == reverse("account_login")


def test_queues_stand_in_the_index_and_the_menu(client, rita, own_queues):
    own_queues.clear()
    here = __name__
    site.register_queue(
        Queue("b", "Second", "account_email", count=f"{here}.number_for", order=2, note="Oldest first"),
        Queue("a", "First <queue>", "mfa_index", order=1),
        Queue("c", "Ghost", "nowhere:at_all"),
    )
    client.force_login(rita)
    text = client.get("/admin/").text
    assert text.index("First &lt;queue&gt;") < text.index("Second") and "Ghost" not in text
    assert '<strong class="figure">7</strong>' in text and "Oldest first" in text


def test_passwords_change_on_the_products_own_page(client, rita):
    client.force_login(rita)
    assert client.get(reverse("admin:password_change"))["Location"] == reverse("account_change_password")


def addresses():
    yield "index", reverse("admin:index")
    for model, options in site._registry.items():
        meta = model._meta
        name = f"{meta.app_label}-{meta.model_name}"
        yield name, reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        if type(options).has_add_permission is admin.ModelAdmin.has_add_permission:
            yield f"{name}-add", reverse(f"admin:{meta.app_label}_{meta.model_name}_add")


def staff_page(browser, base, client, user, width, theme, problems):
    """A page of a browser that is signed in as `user`."""
    client.force_login(user)
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=base)
    name = live_settings.SESSION_COOKIE_NAME
    cookies = {name: client.cookies[name].value, "theme": theme}
    context.add_cookies([{"name": key, "value": value, "url": base} for key, value in cookies.items()])
    page = context.new_page()
    listen(page, "admin", problems)
    return page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "theme"), [pytest.param(1280, "light", marks=pytest.mark.soak), (375, "dark")])
def test_every_configuration_page_is_accessible(browser, live_server, client, rita, width, theme):
    problems = []
    page = staff_page(browser, live_server.url, client, rita, width, theme, problems)
    for label, path in addresses():
        page.goto(path)
        problems += problems_of(page, f"admin-{label}-{width}-{theme}")
    page.context.close()
    assert not problems, "\n".join(map(str, problems))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("width", "theme"),
    [(1280, "light"), *(pytest.param(*look, marks=pytest.mark.soak) for look in ((1280, "dark"), (375, "light")))],
)
def test_stock_lists_and_forms_are_accessible(browser, live_server, client, rita, gallery_urls, width, theme):
    family = ProductFamily.objects.create(key="f", name="Family")
    rows = [Product(key=f"p{n}", name=f"Product {n:03}", family=family) for n in range(60)]
    Product.objects.bulk_create(rows)
    problems = []
    page = staff_page(browser, live_server.url, client, rita, width, theme, problems)
    base = "/gallery/admin/catalog"
    for label, path in {
        "index": "/gallery/admin/",
        "list": f"{base}/product/?o=1.-6&reviewed__exact=1&q=Product",
        "add": f"{base}/product/add/",
        "inline": f"{base}/productfamily/{family.pk}/change/",
        "delete": f"{base}/product/{rows[0].pk}/delete/",
        "history": f"{base}/product/{rows[0].pk}/history/",
        "app": f"{base}/",
    }.items():
        page.goto(path)
        problems += problems_of(page, f"stock-{label}-{width}-{theme}")
    page.goto(f"{base}/product/add/")
    with page.expect_navigation():
        page.click("[name=_save]")
    problems += problems_of(page, f"stock-errors-{width}-{theme}")
    page.context.close()
    assert not problems, "\n".join(map(str, problems))

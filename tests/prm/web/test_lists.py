import pytest
from django.template import Context, Template
from django.test import RequestFactory

from partners.models import User
from prm.catalog.models import Product
from prm.web import errors, keyset, lists, services, shell
from prm.web.components import lists as html
from prm.web.counts import Bounded

SORTS = [keyset.Sort("name", "name"), keyset.Sort("made", "created_at")]


def request_for(url):
    return RequestFactory().get(url)


def page_of(url, number=7, sizes=(3, 50)):
    Product.objects.bulk_create([Product(key=str(n), name=f"{n:02}") for n in range(number - Product.objects.count())])
    return keyset.page(request_for(url), Product.objects.all(), SORTS, "name", sizes)


@pytest.mark.django_db
def test_the_head_says_what_it_is_sorted_by():
    page = page_of("/?sort=-name")
    assert 'aria-sort="descending"' in html.sort_head(page, "name", "Name")
    assert 'href="/?sort=name"' in html.sort_head(page, "name", "Name", "end")
    assert "aria-sort" not in html.sort_head(page, "made", "<Made>") and "&lt;Made&gt;" in html.sort_head(page, "made", "<Made>")
    assert 'aria-sort="ascending"' in html.sort_head(page_of("/"), "name", "Name")


@pytest.mark.django_db
def test_the_pager_offers_what_there_is():
    first = page_of("/?q=x")
    assert html.pager(first).count('aria-disabled="true"') == 2 and 'rel="next"' in html.pager(first)
    second = keyset.page(request_for(first.next_url), Product.objects.all(), SORTS, "name", (3, 50))
    assert 'rel="prev"' in html.pager(second) and "aria-disabled" not in html.pager(second)
    assert html.pager(page_of("/?size=50")) != ""
    assert html.pager(keyset.page(request_for("/"), Product.objects.none(), SORTS, "name")) == ""
    assert "no longer good" in html.pager(page_of("/?page=bad"))


def test_addresses_change_one_parameter_and_forget_the_page():
    request = request_for("/deals/?q=a&status=won&status=lost&page=abc")
    assert lists.with_query(request, status="open") == "/deals/?q=a&status=open"
    assert lists.with_query(request, status=None, q="") == "/deals/"
    assert lists.with_query(request, status=["a", "b"]) == "/deals/?q=a&status=a&status=b"
    context = Context({"request": request})
    assert Template("{% load prm %}{% url_with q='b c' %}").render(context) == "/deals/?q=b+c&amp;status=won&amp;status=lost"
    hidden = Template("{% load prm %}{% query_hidden 'q' %}").render(context)
    assert hidden.count("<input") == 2 and "page" not in hidden and 'name="q"' not in hidden


def test_chips_carry_counts_and_the_one_that_is_on():
    request = request_for("/?status=open&q=1")
    chips = lists.chips(request, "status", [("", "All"), ("open", "Open"), ("won", "Won")], {"": Bounded(1000, True), "open": 2})
    assert [(chip.url, chip.active, str(chip.count)) for chip in chips] == [
        ("/?q=1", False, "1,000+"),
        ("/?status=open&q=1", True, "2"),
        ("/?status=won&q=1", False, "None"),
    ]
    shown = html.chips(chips, "Status")
    assert shown.count("aria-current") == 1 and shown.count('class="count"') == 2
    assert lists.chips(request, "status", [("won", "Won")], current="won")[0].active


def test_an_empty_list_offers_one_action_or_none():
    assert "href" not in html.empty("Nothing")
    assert 'href="/new/"' in html.empty("Nothing", "Because.", "/new/", "Begin")


def test_the_shell_knows_theme_search_and_name():
    request = request_for("/")
    before = list(shell._search_url_names)
    try:
        shell.set_search("account_login", "admin:index")
        found = shell.context(request)
        assert (found["theme"], str(found["search_url"])) == ("system", ""), "nobody is signed in"
        request.user, request._acting_for = User(is_staff=True), None
        assert shell.search_url(request) == "/admin/", "acts for nobody"
        request._acting_for = shell.Acting("Acme", "P-1")
        assert shell.search_url(request) == "/accounts/login/"
        request.path = "/admin/deals/"
        assert shell.search_url(request) == "/admin/"
        request.user = User()
        assert shell.search_url(request) == "/accounts/login/"
        shell.set_search("nowhere:at_all", "nowhere:too")
        assert not shell.context(request)["search_url"]
    finally:
        shell._search_url_names[:] = before
    assert not shell.context(request_for("/"))["acting"]


def test_the_500_page_needs_nothing():
    answer = errors.server_error(request_for("/"))
    assert answer.status_code == 500 and b"<form" not in answer.content


@pytest.mark.django_db
def test_an_unknown_language_is_not_remembered():
    user = User.objects.create_user("a@acme.test", language="de")
    services.remember_language(user, "tlh")
    user.refresh_from_db()
    assert user.language == "de"

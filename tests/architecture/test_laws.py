"""The laws over the whole tree, and each law on a planted good and bad piece, so that a law that stopped biting is seen."""

import pytest

from tests.architecture import python_laws as py
from tests.architecture import template_laws as tp
from tests.architecture.source import Source, Template, python_files, templates, test_files


def findings(law, files):
    return [f"{file.path}: {found}" for file in files for found in law(file)]


@pytest.mark.parametrize("law", py.LAWS, ids=lambda law: law.__name__)
def test_python_files_keep_the_law(law):
    found = findings(law, python_files())
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("law", py.TEST_LAWS, ids=lambda law: law.__name__)
def test_test_files_keep_the_law(law):
    found = findings(law, [file for file in test_files() if not file.path.startswith("tests/architecture/")])
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("law", tp.LAWS, ids=lambda law: law.__name__)
def test_templates_keep_the_law(law):
    found = findings(law, templates())
    assert not found, "\n".join(["", *found])


LONG = "def f():\n" + "    x = 1\n" * 70
VIEW = "def deal_list(request):\n" + "    x = 1\n" * 35

# law, path, good, bad
PLANTED = [
    (py.file_size, "deals/rules/deal.py", "x = 1\n" * 400, "x = 1\n" * 401),
    (py.test_file_size, "tests/deals/test_x.py", "x = 1\n" * 700, "x = 1\n" * 701),
    (py.function_size, "deals/rules/deal.py", "def f():\n    return 1", LONG),
    (py.function_size, "deals/views/deal.py", "def _part(deal):\n" + "    x = 1\n" * 35, VIEW),
    (py.no_star_imports, "deals/rules/deal.py", "from deals import enums", "from deals.enums import *"),
    (py.no_signals, "deals/services/deal.py", "import signal", "from django.db.models.signals import post_save"),
    (py.no_signals, "deals/services/deal.py", "x = 1", "from django.dispatch import receiver"),
    (py.no_signals, "partners/services/user.py", "x = 1", "from allauth.account.signals import user_signed_up"),
    (py.no_save_logic, "deals/models/deal.py", "class A:\n    def clean(self): ...", "class A:\n    def save(self, *a): ..."),
    (py.status_by_step, "deals/services/deal.py", "deal.stage = 1\nx = deal.status", "deal.status = 'won'"),
    (py.status_by_step, "deals/services/deal.py", "setattr(deal, 'stage', 1)", "setattr(deal, 'status', 'won')"),
    (py.status_by_step, "deals/services/deal.py", "d = Deal()\n", "deal.status += 'x'"),
    (
        py.status_by_step,
        "deals/services/deal.py",
        "def f():\n    d = Deal(a=1)\n    d.status = 'x'",
        "def f(d):\n    d.status = 'x'",
    ),
    (py.views_without_orm, "deals/views/deal.py", "queries.get_deal(u, ref)", "Deal.objects.get(ref=ref)"),
    (py.views_without_orm, "deals/views/deal.py", "request.session.save()", "deal.save()"),
    (py.views_without_orm, "deals/views/deal.py", "x = 1", "get_object_or_404(Deal, ref=ref)"),
    (py.ignore_only_in_ops, "deals/services/deal.py", "import pgtrigger", "with pgtrigger.ignore(): ..."),
    (py.ignore_only_in_ops, "deals/services/deal.py", "x = 1", "from pgtrigger import ignore"),
    (py.ignore_only_in_ops, "deals/services/deal.py", "x = 'x'", "x = \"SET pgtrigger.ignore = '{a}'\""),
    (py.guardian_at_home, "deals/queries/deal.py", "from partners import rules", "from guardian.shortcuts import assign_perm"),
    (py.guardian_at_home, "partners/views/team.py", "import guards", "import guardian"),
    (py.no_request_splat, "deals/views/deal.py", "f(**form.cleaned_data)", "f(**request.GET.dict())"),
    (py.no_request_splat, "deals/queries/deal.py", "f(**values)", "f(**self.request.POST)"),
    (py.inner_layers_know_no_http, "deals/services/deal.py", "def f(deal): ...", "def f(request): ..."),
    (py.inner_layers_know_no_http, "deals/rules/deal.py", "from prm.core import errors", "from django.http import Http404"),
    (py.inner_layers_know_no_http, "mdf/services/request.py", "def f(request: Request): ...", "def f(r: HttpRequest): ..."),
    (py.readers_do_not_write, "deals/queries/deal.py", "seen.update(x)", "Deal.objects.filter(pk=1).update(a=1)"),
    (py.readers_do_not_write, "deals/rules/deal.py", "x.filter(a=1)", "deal.save()"),
    (py.forms_do_not_save, "deals/forms/deal.py", "form.is_valid()", "Deal.objects.create(a=1)"),
    (py.enums_import_core_only, "deals/enums.py", "from prm.core.states import Step", "from prm.web import nav"),
    (py.enums_import_core_only, "deals/enums.py", "from django.db import models", "from deals import models"),
    (py.public_face, "deals/services/deal.py", "from partners.services import fact", "from partners.emails import invitation"),
    (py.public_face, "prm/home/views.py", "from deals import queries", "from deals.views import deal"),
    (py.public_face, "deals/admin.py", "from deals.forms import deal", "from partners import admin"),
    (py.no_eta, "deals/tasks.py", "f(due=1)", "sweep.apply(eta=when)"),
    (py.one_schedule, "deals/tasks.py", "from celery import shared_task", "from celery.schedules import crontab"),
    (py.doorbell_only, "deals/services/deal.py", "ring('deals.sweep', 1)", "sweep.delay(1)"),
    (py.nothing_left_for_later, "deals/rules/deal.py", "# mastodon", "# TODO: later"),
    (py.no_mocks, "tests/deals/test_x.py", "import time_machine", "from unittest.mock import patch"),
    (tp.template_size, "templates/deals/deal/list.html", "\n" * 200, "\n" * 201),
    (tp.template_size, "templates/deals/deal/_row.html", "\n" * 80, "\n" * 81),
    (tp.template_size, "templates/components/badge.html", "\n" * 80, "\n" * 81),
    (tp.no_inline_script, "templates/a.html", '<script src="{% static "a.js" %}" defer></script>', "<script>x()</script>"),
    (tp.no_inline_script, "templates/a.html", '<script type="application/json">{}</script>', '<a href="javascript:x()">'),
    (tp.no_inline_script, "templates/a.html", '<p class="on">on=1</p>', '<button onclick="x()">'),
    (tp.no_inline_script, "templates/a.html", '<p hx-target="#a">', '<p hx-on:click="x()">'),
    (tp.no_inline_style, "templates/a.html", '<p class="style">style="no tag"', '<p {% if a %}b{% endif %} style="color:red">'),
    (tp.no_inline_style, "templates/mail/a.html", "<style>p{}</style>", ""),
    (tp.no_inline_style, "templates/a.html", '<link rel="stylesheet" href="a.css">', "<style>p{}</style>"),
    (tp.no_unescaped, "templates/a.html", "{{ a|safestring }}", "{{ a|safe }}"),
    (tp.no_unescaped, "templates/a.html", "{{ a }}", "{% autoescape off %}"),
    (tp.no_permissions, "templates/a.html", "{% if can_edit %}", "{% if perms.deals.change_deal %}"),
    (tp.no_permissions, "templates/a.html", "{{ user.name }}", "{% if a and user.is_superuser %}"),
]


@pytest.mark.parametrize(("law", "path", "good", "bad"), PLANTED, ids=[f"{row[0].__name__}-{n}" for n, row in enumerate(PLANTED)])
def test_each_law_bites(law, path, good, bad):
    kind = Template if path.endswith(".html") else Source
    assert list(law(kind(path, good))) == []
    if bad:
        assert list(law(kind(path, bad)))


@pytest.mark.parametrize("path", ["deals/utils.py", "deals/helpers/money.py", "prm/core/common.py", "mdf/misc.py"])
def test_vague_names_are_refused(path):
    assert list(py.plain_names(Source(path, "")))
    assert not list(py.plain_names(Source("deals/services/deal.py", "")))


@pytest.mark.parametrize(
    ("law", "path", "text"),
    [
        (py.no_signals, "partners/sign_in/signals_adapter.py", "from allauth.account.signals import user_logged_in"),
        (py.status_by_step, "prm/core/states.py", "obj.status = 1"),
        (py.ignore_only_in_ops, "prm/ops/seed.py", "with pgtrigger.ignore(): ..."),
        (py.guardian_at_home, "partners/rules/access.py", "from guardian.shortcuts import get_perms"),
        (py.one_schedule, "prm/schedule.py", "from celery.schedules import crontab"),
        (py.public_face, "prm/urls.py", "from partners.views import team"),
        (tp.no_unescaped, "templates/mail/a.txt", "{{ a|safe }}"),
    ],
)
def test_where_the_law_leaves_room(law, path, text):
    assert not list(law((Template if path.startswith("templates") else Source)(path, text)))


def test_every_law_has_a_planted_fault():
    planted = {row[0] for row in PLANTED} | {py.plain_names}
    assert {*py.LAWS, *py.TEST_LAWS, *tp.LAWS} == planted

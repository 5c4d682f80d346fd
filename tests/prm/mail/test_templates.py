"""Every mail of the product has its three templates on our two layouts."""

import importlib

import pytest
from django.conf import settings
from django.template.loader import get_template

from prm.mail import registry

FOLDER = settings.BASE_DIR / "templates"
MAILS = sorted(
    f"{path.parent.parent.name}.{path.name.removesuffix('.subject.txt')}" for path in FOLDER.glob("*/mail/*.subject.txt")
)


@pytest.mark.parametrize("key", sorted({*MAILS, *(kind.key for kind in registry.kinds())}))
def test_three_templates(key):
    app, name = key.split(".")
    for ending, layout in (("subject.txt", ""), ("txt", "mail/base.txt"), ("html", "mail/base.html")):
        source = get_template(f"{app}/mail/{name}.{ending}").template.source
        if layout:
            assert f'{{% extends "{layout}" %}}' in source
        else:
            assert "extends" not in source


def test_no_template_without_a_subject():
    found = {f"{path.parent.parent.name}.{path.name.removesuffix('.html')}" for path in FOLDER.glob("*/mail/*.html")}
    assert found == set(MAILS)


def test_every_mail_has_a_test_of_its_own():
    """`tests/<app>/test_emails.py` holds a table `MAILS`: to whom, subject, both bodies, exactly one."""
    tested = {app: importlib.import_module(f"tests.{app}.test_emails").MAILS for app in {key.split(".")[0] for key in MAILS}}
    assert {f"{app}.{name}" for app, table in tested.items() for name in table} == set(MAILS)
    assert {kind.key for kind in registry.kinds()} <= set(MAILS)

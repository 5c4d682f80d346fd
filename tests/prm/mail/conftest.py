"""People who get mail, and three templates to write it with."""

import pytest
from django.template import engines
from django.template.loaders.locmem import Loader

from partners.models import Partner, PartnerType, User

TEMPLATES = {
    "probe/mail/news.subject.txt": "News of {{ partner.name }} & \n friends",
    "probe/mail/news.txt": (
        "{% extends 'mail/base.txt' %}{% block content %}Tom & Jerry's {{ value|default:1.5|floatformat:1 }}{% endblock %}"
    ),
    "probe/mail/news.html": (
        "{% extends 'mail/base.html' %}{% block content %}<p>Tom &amp; {{ name }} {{ value|default:1.5|floatformat:1 }}</p>"
        "{% include 'mail/_button.html' with url='https://example.test/' label='Open' %}{% endblock %}"
    ),
}


@pytest.fixture(autouse=True)
def probe_templates():
    """Templates of an app named probe beside the real ones."""
    engine = engines["django"].engine
    kept = engine.template_loaders
    engine.template_loaders = [Loader(engine, TEMPLATES), *kept]
    yield
    engine.template_loaders = kept


@pytest.fixture
def acme(db):
    kind = PartnerType.objects.create(key="reseller-mail", name="Reseller")
    return Partner.objects.create(name="Acme", sort_name="acme", partner_type=kind)


@pytest.fixture
def alice(db):
    return User.objects.create_user("Alice@acme.example", name="Alice O'Neil", language="de", time_zone="Europe/Berlin")

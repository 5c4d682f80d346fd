"""Names of mails."""

import pytest

from prm.mail import registry


@pytest.fixture(autouse=True)
def _apart(monkeypatch):
    monkeypatch.setattr(registry, "_kinds", {})


def test_registered_and_not():
    registry.register("deal_approved", "deals", "Deal approved")
    registry.register("deals.expiring", "deals", "Protection ends soon", nudge=True)
    assert [kind.key for kind in registry.kinds()] == ["deals.deal_approved", "deals.expiring"]
    assert [kind.key for kind in registry.kinds(nudge=True)] == ["deals.expiring"]
    assert registry.title("deals.deal_approved") == "Deal approved"
    assert registry.title("deals.some_thing") == "Some thing"


@pytest.mark.parametrize("key", ["deals.won", "deals/won", "deals/mail/won"])
def test_one_form_of_a_key(key):
    assert registry.normal_key(key) == "deals.won"


@pytest.mark.parametrize("key", ["won", "a.b.c", ""])
def test_other_forms_are_refused(key):
    with pytest.raises(ValueError, match="a mail is named"):
        registry.normal_key(key)

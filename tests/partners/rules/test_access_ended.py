"""A membership that is not active opens nothing, even where a group was left behind."""

import pytest
from django.contrib.auth.models import Group

from partners.models import Membership, User
from partners.rules import Perm, access_of, may
from partners.services import membership

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("end", [membership.suspend, membership.remove])
def test_nothing_is_left(cast, end):
    row = Membership.objects.get(user=cast.amir)
    end(row, by=cast.alice)
    cast.amir.groups.add(Group.objects.get(partner_group__partner=cast.acme, partner_group__role="sales"))  # as if forgotten
    access = access_of(User.objects.get(pk=cast.amir.pk))
    assert (access.memberships, access.membership_in(cast.acme.pk)) == ((), None)
    assert not any(may(User.objects.get(pk=cast.amir.pk), perm, cast.acme) for perm in Perm)

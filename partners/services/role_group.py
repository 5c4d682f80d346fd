"""The groups behind the roles: one per partner and role, with the grants of `ROLE_PERMISSIONS` on guardian's direct-FK rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from partners.enums import Role
from partners.models import Membership, Partner, PartnerGroup, PartnerGroupObjectPermission, User
from partners.rules import ROLE_PERMISSIONS, forget_access

BATCH = 2000


@transaction.atomic
def make_role_groups(partners: Sequence[Partner]) -> None:
    """Give new partners their five groups and the grants. In bulk, for one partner as for an import of thousands."""
    pairs = [(partner, role) for partner in partners for role in Role.values]
    groups = Group.objects.bulk_create([Group(name=f"{partner.ref} {role}") for partner, role in pairs], batch_size=BATCH)
    owned = list(zip(pairs, groups, strict=True))
    PartnerGroup.objects.bulk_create(
        [PartnerGroup(partner=partner, role=role, group=group) for (partner, role), group in owned], batch_size=BATCH
    )
    perms = {role: _perms(role) for role in Role.values}
    PartnerGroupObjectPermission.objects.bulk_create(
        [_grant(group, partner, perm) for (partner, role), group in owned for perm in perms[role]], batch_size=BATCH
    )


@transaction.atomic
def refresh_grants(partners: Iterable[Partner]) -> int:
    """Make the stored grants equal to the table again, after the table changed in a release. Returns the rows changed."""
    changed = 0
    for row in PartnerGroup.objects.filter(partner__in=partners).select_related("partner", "group").order_by("pk"):
        wanted = {perm.pk: perm for perm in _perms(row.role)}
        held = PartnerGroupObjectPermission.objects.filter(group=row.group, content_object=row.partner)
        changed += held.exclude(permission__in=wanted).delete()[0]
        missing = wanted.keys() - set(held.values_list("permission", flat=True))
        PartnerGroupObjectPermission.objects.bulk_create([_grant(row.group, row.partner, wanted[pk]) for pk in sorted(missing)])
        changed += len(missing)
    return changed


def put_in_group(membership: Membership) -> None:
    """Leave the user in exactly one group of this partner: that of the membership's role."""
    take_out_of_groups(membership.user, membership.partner)
    group = Group.objects.get(partner_group__partner=membership.partner_id, partner_group__role=membership.role)
    membership.user.groups.add(group)
    forget_access(membership.user)


def take_out_of_groups(user: User, partner: Partner) -> None:
    """Take the user out of every group of this partner: the grants end with it."""
    user.groups.through.objects.filter(user=user, group__partner_group__partner=partner).delete()
    forget_access(user)


def _grant(group: Group, partner: Partner, permission: Permission) -> PartnerGroupObjectPermission:
    return PartnerGroupObjectPermission(group=group, content_object=partner, permission=permission)


def _perms(role: str) -> list[Permission]:
    """The permission rows of a role. Raises LookupError when migrations have not made them all."""
    names = ROLE_PERMISSIONS[role]
    rows = Permission.objects.filter(content_type__app_label="partners", content_type__model="partner", codename__in=names)
    found = list(rows.order_by("codename"))
    if len(found) != len(names):
        raise LookupError("permissions of Partner are missing: run migrate")
    return found

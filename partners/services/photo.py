"""The picture of a member of the vendor's staff, which partners see of their channel manager."""

from __future__ import annotations

from typing import BinaryIO

from django.db import transaction

from partners.models import User
from prm.audit import services as audit
from prm.record.services import delete_files, keep_picture

EDGE = 320  # pixels: twice the largest place it is shown in


@transaction.atomic
def set_photo(person: User, upload: BinaryIO, *, by: User) -> User:
    """Put this picture in the place of the one there was. Raises DomainError when it is none, or too large."""
    User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    person.photo = keep_picture(person, upload, by=by, edge=EDGE)
    User.objects.filter(pk=person.pk).update(photo=person.photo)
    delete_files(person, but=person.photo)
    audit.record("partners.user.photo_set", person, by=by)
    return person


@transaction.atomic
def remove_photo(person: User, *, by: User) -> None:
    """Show initials again; without a picture nothing happens."""
    if User.objects.filter(pk=person.pk, photo__isnull=False).update(photo=None):
        delete_files(person)
        audit.record("partners.user.photo_removed", person, by=by)
    person.photo = None

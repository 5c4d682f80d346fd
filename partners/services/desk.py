"""Desks, their closing days, and the absence calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from partners.models import Absence, Desk, DeskClosing, User
from prm.audit import services as audit
from prm.core.errors import DomainError

LONG_PAST, FAR_AHEAD = timedelta(days=366), timedelta(days=5 * 366)


@transaction.atomic
def add_absence(user: User, *, deputy: User, starts_on: date, ends_on: date, by: User) -> Absence:
    """Enter that a staff member is away from one day to another, both included, and who stands in.

    Raises DomainError on wrong dates, on a deputy who is no active colleague, and when they are away then already.
    """
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if ends_on < starts_on:
        raise DomainError(_("The last day lies before the first."), field="ends_on")
    today = timezone.localdate()
    first, last = today - LONG_PAST, today + FAR_AHEAD
    if starts_on < first or ends_on > last:
        bounds = {"first": date_format(first), "last": date_format(last)}
        wrong = "starts_on" if starts_on < first else "ends_on"
        raise DomainError(_("Choose days between %(first)s and %(last)s.") % bounds, field=wrong)
    if deputy.pk == user.pk or not (deputy.is_active and deputy.is_staff):
        raise DomainError(_("Choose an active colleague as deputy."), field="deputy")
    if Absence.objects.filter(user=user, starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise DomainError(_("There is an absence in this time already."), field="starts_on")
    absence = Absence.objects.create(user=user, deputy=deputy, starts_on=starts_on, ends_on=ends_on)
    data = {"user": user.pk, "deputy": deputy.pk, "starts_on": starts_on, "ends_on": ends_on}
    audit.record("partners.absence.added", absence, by=by, data=data, internal=True)
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, by: User) -> None:
    """Take an absence out of the calendar: the colleague is back, or it was a mistake."""
    data = {"user": absence.user_id, "deputy": absence.deputy_id, "starts_on": absence.starts_on, "ends_on": absence.ends_on}
    audit.record("partners.absence.ended", absence, by=by, data=data, internal=True)
    absence.delete()


@transaction.atomic
def add_closing(desk: Desk, day: date, *, by: User, why: str = "") -> DeskClosing:
    """Close the desk on one more day. Clocks that are read afterwards count it."""
    closing, created = DeskClosing.objects.get_or_create(desk=desk, day=day, defaults={"why": why[:200]})
    if not created:
        raise DomainError(_("The desk is closed on that day already."), field="day")
    audit.record("partners.desk.closing_added", desk, by=by, data={"day": day}, internal=True)
    return closing


CHANGEABLE = frozenset({"name", "time_zone", "weekdays", "opens_at", "closes_at", "holiday_country", "holiday_subdivision"})


@transaction.atomic
def change_desk(desk: Desk, *, by: User, **changes: Any) -> Desk:
    """Change name, hours or holidays. Records the fields that changed, and nothing when none did."""
    if unknown := changes.keys() - CHANGEABLE:
        raise TypeError(f"not part of a desk: {', '.join(sorted(unknown))}")
    row = Desk.objects.select_for_update(of=("self",), no_key=True).get(pk=desk.pk)
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        row.save(update_fields=changed)
        audit.record("partners.desk.changed", row, by=by, data={"field_names": changed}, internal=True)
    return row

"""Desks and their calendars; who stands in for whom."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from partners.models import Absence, Desk, User
from partners.rules.access import absences_on, deputy_in
from prm.core.business_time import Calendar
from prm.core.errors import NotVisible

Row = TypeVar("Row", bound=Model)
DEFAULT_DESK = "channel"


def calendar_of(desk: Desk) -> Calendar:
    """The desk's business clock: hours, time zone, public holidays and closing days (prefetch `closings` for many)."""
    window = [(desk.opens_at.strftime("%H:%M"), desk.closes_at.strftime("%H:%M"))]
    return Calendar.weekly(
        {int(digit): window for digit in desk.weekdays},
        desk.time_zone,
        country=str(desk.holiday_country),
        subdivision=desk.holiday_subdivision,
        closing_days=[closing.day for closing in desk.closings.all()],
    )


def default_desk() -> Desk | None:
    """The desk of partners nobody manages yet: the one with the key `channel`, else the first."""
    rows = Desk.objects.prefetch_related("closings").order_by("created_at", "pk")
    return rows.filter(key=DEFAULT_DESK).first() or rows.first()


def desk_of(user: Any) -> Desk | None:
    """The desk whose calendar binds this staff member; the default desk where there is none."""
    desk = Desk.objects.prefetch_related("closings").filter(staff__user=user).first() if user is not None else None
    return desk or default_desk()


def deputies_for(user_id: UUID, day: date) -> User | None:
    """Who decides this person's queues on that day: a deputy while they are away, following deputies who are away too.

    None when the person is there, or when nobody present stands in.
    """
    deputy = deputy_in(dict(absences_on(day)), user_id)
    return User.objects.filter(pk=deputy, is_active=True).first() if deputy else None


def get_desk(user: Any, pk: UUID) -> Desk:
    """The door to a desk's page: for staff. Raises NotVisible."""
    return _one(user, Desk.objects.prefetch_related("closings"), pk)


def get_absence(user: Any, pk: UUID) -> Absence:
    """The door to an absence: for staff, who share one calendar. Raises NotVisible."""
    return _one(user, Absence.objects.select_related("user", "deputy"), pk)


def _one(user: Any, rows: QuerySet[Row], pk: UUID) -> Row:
    row = rows.filter(pk=pk).first() if user.is_staff else None
    if row is None:
        raise NotVisible
    return row

"""What a partner asks for on a deal: more time, a change of its key facts, or to join that of a company it works with."""

from django.conf import settings
from django.db import models

from deals.enums import (
    CHANGE_REQUEST_STEPS,
    EXTENSION_STEPS,
    JOIN_REQUEST_STEPS,
    ChangeRequestStatus,
    ExtensionStatus,
    JoinRequestStatus,
    ParticipantRole,
)
from deals.models.conflict import Conflict
from deals.models.customer import Customer
from deals.models.deal import Deal
from partners.models import Partner
from prm.core import history
from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers


@history.track("status", "days", "asked_by", "decided_by", "decided_at", "due_at")
class Extension(Row):
    """A request for more protection. One pending at a time; days as asked and as granted."""

    ref = RefField("E")
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="extensions")
    status = models.CharField(max_length=10, choices=ExtensionStatus, default=ExtensionStatus.ASKED)
    days = models.PositiveSmallIntegerField(default=30)
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_text = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=models.Q(status=ExtensionStatus.ASKED), name="extension_one_pending"
            ),
            models.CheckConstraint(condition=models.Q(days__gte=1, days__lte=120), name="extension_days"),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="extension_not_decided_by_asker",
            ),
        ]
        triggers = fsm_triggers(EXTENSION_STEPS)

    def __str__(self) -> str:
        return self.ref


@history.track("status", "asked_by", "decided_by", "decided_at", "due_at", "customer", "conflict")
class ChangeRequest(Row):
    """New key facts for an approved deal, checked and decided like a registration while the old terms stand.

    `changes` is {"before": {…}, "after": {…}} with the facts that change (company data only; lines as product id, quantity,
    amount). `customer` is whom the new facts mean: while it is in review, later registrations of the same wait behind it.
    """

    ref = RefField("H")
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="change_requests")
    status = models.CharField(max_length=10, choices=ChangeRequestStatus, default=ChangeRequestStatus.IN_REVIEW)
    changes = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    conflict = models.OneToOneField(Conflict, on_delete=models.PROTECT, null=True, blank=True, related_name="change_request")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_text = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal"],
                condition=models.Q(status=ChangeRequestStatus.IN_REVIEW),
                name="changerequest_one_pending",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="changerequest_not_decided_by_asker",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer"], name="changerequest_at_stake", condition=models.Q(status=ChangeRequestStatus.IN_REVIEW)
            ),
            models.Index(fields=["deal", "-created_at"], name="changerequest_deal"),
        ]
        triggers = fsm_triggers(CHANGE_REQUEST_STEPS)

    def __str__(self) -> str:
        return self.ref


class JoinRequest(Row):
    """A linked company asks to take part in the deal that made its own registration a duplicate; the deal's owner answers."""

    ref = RefField("J")
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="join_requests")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="join_requests")
    role = models.CharField(max_length=12, choices=ParticipantRole)
    declined = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="joins_asked")
    status = models.CharField(max_length=10, choices=JoinRequestStatus, default=JoinRequestStatus.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "partner"], condition=models.Q(status=JoinRequestStatus.ASKED), name="joinrequest_one_open"
            ),
            models.CheckConstraint(condition=~models.Q(role=ParticipantRole.OWNER), name="joinrequest_not_owner"),
        ]
        triggers = fsm_triggers(JOIN_REQUEST_STEPS)

    def __str__(self) -> str:
        return self.ref

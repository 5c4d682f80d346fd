"""What people said of pairs of identities: the labelled pairs from which the duplicate engine learns."""

from django.conf import settings
from django.db import models

from deals.enums import VERDICT_STEPS, Judged, JudgedAt, VerdictStatus
from deals.models.conflict import ConflictCandidate
from deals.models.customer import Customer
from deals.models.deal import Deal
from prm.core import history
from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers


class IdentityVerdictQuerySet(models.QuerySet["IdentityVerdict"]):
    def standing(self) -> "IdentityVerdictQuerySet":
        return self.filter(status=VerdictStatus.STANDING)


@history.track("status", "customer")
class IdentityVerdict(Row):
    """One judgement of one pair: the asked side as typed, and the customer of the register it was compared with.

    `asked` and `known` are the company facts as compared (name, domain, country, city, registration number; no personal data),
    the features, score, certainty and version those of that time. Rows are never rewritten: a judgement is taken back or
    replaced by a later one. `core` and `pair` are the asked side in normalised form. `taught` says which aliases and keys the
    customer learned by it, `moved_from` which customer the registration at hand belonged to before.
    """

    ref = RefField("V")
    status = models.CharField(max_length=10, choices=VerdictStatus, default=VerdictStatus.STANDING)
    verdict = models.CharField(max_length=9, choices=Judged)
    source = models.CharField(max_length=8, choices=JudgedAt, default=JudgedAt.REVIEW)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="verdicts")
    other = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="verdicts")
    candidate = models.ForeignKey(ConflictCandidate, on_delete=models.SET_NULL, null=True, blank=True, related_name="verdicts")
    core = models.CharField(max_length=400)
    pair = models.CharField(max_length=64)
    asked = models.JSONField(default=dict)
    known = models.JSONField(default=dict)
    features = models.JSONField(default=dict)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    certainty = models.CharField(max_length=10)
    rule = models.CharField(max_length=40)
    engine_version = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    taught = models.JSONField(default=dict)
    moved_from = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = IdentityVerdictQuerySet.as_manager()

    class Meta:
        verbose_name = "judged pair"
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "pair"], condition=models.Q(status=VerdictStatus.STANDING), name="verdict_one_standing"
            ),
            models.CheckConstraint(condition=models.Q(verdict__in=Judged.values), name="verdict_known"),
            models.CheckConstraint(
                condition=models.Q(status=VerdictStatus.STANDING) | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="verdict_ended_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["core"], name="verdict_core", condition=models.Q(status=VerdictStatus.STANDING)),
            models.Index(fields=["status", "at"], name="verdict_at"),
        ]
        triggers = fsm_triggers(VERDICT_STEPS)

    def __str__(self) -> str:
        return self.ref

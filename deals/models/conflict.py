"""The recorded result of a duplicate check, the account checks partners make, and "tell me when it is free"."""

from django.conf import settings
from django.db import models
from django_countries.fields import CountryField

from deals.enums import MatchedKind, Outcome
from deals.models.customer import Customer
from deals.models.deal import Deal
from deals.models.opportunity import Opportunity
from deals.models.policy import Policy
from partners.models import Partner
from prm.core.models import RefField, Row


class Conflict(Row):
    """One duplicate check of one deal: outcome, rule, versions, and the inputs it saw (company data only)."""

    ref = RefField("X")
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="conflicts")
    outcome = models.CharField(max_length=8, choices=Outcome)
    rule = models.CharField(max_length=40)
    matched_fields = models.JSONField(default=list)
    frees_up_on = models.DateField(null=True, blank=True)
    engine_version = models.CharField(max_length=20)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, related_name="+")
    inputs = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["deal", "-created_at"], name="conflict_deal")]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.rule})"


class ConflictCandidate(Row):
    """One thing the check looked at closely. Exactly one of the three references is set, by `kind`."""

    conflict = models.ForeignKey(Conflict, on_delete=models.CASCADE, related_name="candidates")
    kind = models.CharField(max_length=12, choices=MatchedKind)
    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome)
    rule = models.CharField(max_length=40)
    score = models.DecimalField(max_digits=5, decimal_places=4)
    certainty = models.CharField(max_length=10)
    matched_fields = models.JSONField(default=list)
    contradictions = models.JSONField(default=list)
    terms = models.JSONField(default=list)

    class Meta:
        ordering = ["-score", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(kind="opportunity", opportunity__isnull=False, deal=None)
                    | models.Q(kind="deal", deal__isnull=False, opportunity=None)
                    | models.Q(kind="customer", customer__isnull=False, deal=None, opportunity=None)
                ),
                name="candidate_one_reference",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.score}"


class AccountCheck(Row):
    """One question "is this account free?": who asked, for whom, what was answered. Kept six months."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_checks")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True, related_name="account_checks")
    customer_name = models.CharField(max_length=300)
    domain = models.CharField(max_length=253, blank=True)
    country = CountryField(blank=True)
    answer = models.CharField(max_length=12)
    matched_customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="accountcheck_user")]

    def __str__(self) -> str:
        return self.answer


class FreeWatch(Row):
    """ "Tell me when it is free": one open wish per user and customer."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="free_watches")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="free_watches")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="free_watches")
    customer_name = models.CharField(max_length=300)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "partner", "customer"], condition=models.Q(told_at=None), name="freewatch_one_open"
            )
        ]

    def __str__(self) -> str:
        return self.customer_name

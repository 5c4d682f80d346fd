"""The deal: a registration (or referral), its lines, participants, activities, and the live protection behind it."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from deals.enums import (
    DEAL_STEPS,
    OPEN,
    REASONS,
    UNDECIDED,
    ActivityKind,
    DealKind,
    DealNature,
    DealStage,
    DealStatus,
    DeclinedKind,
    ParticipantRole,
    ProtectionEffect,
    ProtectionScope,
)
from deals.models.customer import Customer
from deals.models.policy import Policy
from partners.models import Partner
from prm.catalog.models import Product
from prm.core import history
from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers

MIRRORED = ("status", "submitted_at", "protected_until", "reporting_amount", "expected_close", "nature", "owner_id")
SEARCHED = ("ref", "customer_name", "project")


def mirror_values(deal: str) -> dict[str, str]:
    """The list columns of a participant as SQL over the deal's row, which goes by the name `deal`."""
    return {**{name: f"{deal}.{name}" for name in MIRRORED}, "search": " || ' ' || ".join(f"{deal}.{name}" for name in SEARCHED)}


def mirror_triggers() -> tuple[pgtrigger.Trigger, pgtrigger.Trigger]:
    """Participants carry the deal's list columns, so that every list starts, sorts and searches at the viewer's own row.

    The first stands on the deal, the second on the participant.
    """
    assignments = ", ".join(f"{column} = {value}" for column, value in mirror_values("NEW").items())
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in (*MIRRORED, *SEARCHED))
    columns, values = zip(*mirror_values("d").items(), strict=True)
    targets = ", ".join(f"NEW.{column}" for column in columns)
    return (
        pgtrigger.Trigger(
            name="mirror_to_participants",
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            func=f"IF {changed} THEN UPDATE deals_participant SET {assignments} "  # noqa: S608 - names from code
            "WHERE deal_id = NEW.id; END IF; RETURN NULL;",
        ),
        pgtrigger.Trigger(
            name="mirror_from_deal",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=f"SELECT {', '.join(values)} INTO {targets} FROM deals_deal AS d "  # noqa: S608 - names from code
            "WHERE d.id = NEW.deal_id; RETURN NEW;",
        ),
    )


class DealQuerySet(models.QuerySet["Deal"]):
    def open(self) -> "DealQuerySet":
        return self.filter(status__in=OPEN)

    def undecided(self) -> "DealQuerySet":
        return self.filter(status__in=UNDECIDED)

    def approved(self) -> "DealQuerySet":
        return self.filter(status=DealStatus.APPROVED)

    def expiring_by(self, day) -> "DealQuerySet":
        return self.approved().filter(protected_until__lte=day)


@history.track(
    "partner",
    "nature",
    "status",
    "owner",
    "customer",
    "customer_name",
    "website",
    "country",
    "registration_number",
    "city",
    "project",
    "amount",
    "currency",
    "reporting_amount",
    "expected_close",
    "stage",
    "decided_by",
    "declined_kind",
    "reason",
    "waits_for",
    "scope",
    "effect",
    "protected_from",
    "protected_until",
    "days_credited",
    "margin_points",
    "order_ref",
    "version",
    deletes=False,
)
class Deal(Row):
    """One registration. The decision clock is its `clock_runs`; `due_at` and `breach_at` are what they come to while it runs,
    kept for the queue's order, and empty while it is stopped."""

    ref = RefField("D")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="deals")
    kind = models.CharField(max_length=12, choices=DealKind, default=DealKind.REGISTRATION)
    nature = models.CharField(max_length=10, choices=DealNature, default=DealNature.NEW)
    status = models.CharField(max_length=12, choices=DealStatus, default=DealStatus.DRAFT)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deals_registered")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deals_owned")

    # who the customer is, as the partner wrote it; `customer` is the identity it was resolved to at submission
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="deals")
    customer_name = models.CharField(_("customer"), max_length=300, blank=True)
    website = models.CharField(_("website"), max_length=253, blank=True)
    country = CountryField(_("country"), blank=True)
    registration_number = models.CharField(_("registration number"), max_length=40, blank=True)
    city = models.CharField(_("city or site"), max_length=100, blank=True)
    project = models.CharField(_("project"), max_length=200, blank=True)

    amount = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    approved_amount = models.DecimalField(  # as last approved; empty while the partner has not changed it since
        max_digits=18, decimal_places=3, null=True, blank=True, editable=False
    )
    reporting_amount = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    reporting_rate = models.DecimalField(max_digits=18, decimal_places=9, null=True, blank=True)
    rate_source = models.CharField(max_length=60, blank=True)
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    stage = models.CharField(max_length=12, choices=DealStage, default=DealStage.PROSPECTING)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    done_so_far = models.TextField(_("what you did so far"), blank=True)

    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="deals_decided"
    )
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="deals")
    declined_kind = models.CharField(max_length=10, choices=DeclinedKind, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    reason_text = models.TextField(blank=True)
    waits_for = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="waiting_behind")

    due_at = models.DateTimeField(null=True, blank=True)
    breach_at = models.DateTimeField(null=True, blank=True)
    question_open = models.BooleanField(default=False)
    escalated_at = models.DateTimeField(null=True, blank=True)
    returned_until = models.DateField(null=True, blank=True)
    days_credited = models.PositiveSmallIntegerField(default=0)

    scope = models.CharField(max_length=10, choices=ProtectionScope, default=ProtectionScope.SITE)
    effect = models.CharField(max_length=10, choices=ProtectionEffect, default=ProtectionEffect.EXCLUSIVE)
    protected_from = models.DateField(null=True, blank=True)
    protected_until = models.DateField(null=True, blank=True)
    margin_points = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    order_ref = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=DealStatus.values), name="deal_status_known"),
            models.CheckConstraint(condition=models.Q(amount=None) | models.Q(amount__gte=0), name="deal_amount_positive"),
            models.CheckConstraint(
                condition=~models.Q(status=DealStatus.APPROVED) | models.Q(customer__isnull=False, protected_from__isnull=False),
                name="deal_approved_has_protection",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=DealStatus.WAITING) | models.Q(waits_for__isnull=False),
                name="deal_waiting_behind_something",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=DealStatus.DECLINED) | ~models.Q(declined_kind=""), name="deal_declined_says_how"
            ),
            models.CheckConstraint(condition=models.Q(days_credited__lte=30), name="deal_credit_bounded"),
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("registered_by")),
                name="deal_not_decided_by_registrant",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="deal_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="deal_status_newest"),
            models.Index(fields=["partner", "status"], name="deal_partner_status"),
            models.Index(fields=["due_at"], name="deal_due", condition=models.Q(status=DealStatus.IN_REVIEW)),
            models.Index(fields=["protected_until"], name="deal_expiring", condition=models.Q(status=DealStatus.APPROVED)),
            models.Index(fields=["returned_until"], name="deal_lapsing", condition=models.Q(status=DealStatus.RETURNED)),
            GinIndex(OpClass(Upper("customer_name"), name="gin_trgm_ops"), name="deal_customer_search"),  # by the vendor's staff
        ]
        triggers = [*fsm_triggers(DEAL_STEPS), mirror_triggers()[0]]

    def __str__(self) -> str:
        return f"{self.ref} {self.customer_name}"

    @property
    def status_label(self) -> str:
        """The status in words; `get_status_display` hashes every choice of the field each time, which lists feel."""
        return str(DealStatus(self.status).label)

    @property
    def reason_label(self) -> str:
        """The canned reason in words; empty for "other"."""
        return str(REASONS.get(self.reason, ""))


class ClockRun(Row):
    """An interval in which the desk could act: from entering review to a return, a question or the decision."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="clock_runs")
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["started_at"]
        constraints = [
            models.UniqueConstraint(fields=["deal"], condition=models.Q(stopped_at=None), name="clockrun_one_open"),
            models.CheckConstraint(
                condition=models.Q(stopped_at=None) | models.Q(stopped_at__gte=models.F("started_at")), name="clockrun_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} {self.started_at:%Y-%m-%d %H:%M}"


class CustomerContact(Row):
    """The person at the customer: personal data with its one home, so that erasing it touches nothing else."""

    deal = models.OneToOneField(Deal, on_delete=models.CASCADE, related_name="customer_contact")
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return self.name


class DealLine(Row):
    """A product with quantity and amount, in the deal's currency."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="deal_lines")
    quantity = models.PositiveIntegerField(default=1)
    amount = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal", "product"], name="dealline_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="dealline_quantity"),
            models.CheckConstraint(condition=models.Q(amount=None) | models.Q(amount__gte=0), name="dealline_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}"


class ProtectedLine(Row):
    """A live exclusive protection: exists exactly while its deal is approved and exclusive. The unique index is what
    stands behind the advisory locks. `site_key` is the normalised site ('' = whole customer); no product = any."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="protected_lines")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="protected_lines")
    site_key = models.CharField(max_length=200, blank=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="protected_lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "site_key", "product"], nulls_distinct=False, name="protectedline_one_holder"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}"


class Participant(Row):
    """A partner in a deal; the owner is one too. Carries the list columns of the deal, and what is searched (by triggers)."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="participants")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="participations")
    role = models.CharField(max_length=12, choices=ParticipantRole)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="participations"
    )
    sort_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=DealStatus)
    submitted_at = models.DateTimeField(null=True, blank=True)
    protected_until = models.DateField(null=True, blank=True)
    reporting_amount = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    expected_close = models.DateField(null=True, blank=True)
    nature = models.CharField(max_length=10, choices=DealNature, default=DealNature.NEW)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, editable=False
    )
    search = models.TextField(blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal", "partner"], name="participant_once"),
            models.UniqueConstraint(
                fields=["deal"], condition=models.Q(role=ParticipantRole.OWNER), name="participant_one_owner"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-sort_at", "-id"], name="participant_newest"),
            models.Index(fields=["partner", "owner", "status", "-sort_at", "-id"], name="participant_owner"),
            # with the role, so that the chips are counted in the index alone
            models.Index(fields=["partner", "nature", "status", "-sort_at", "-id"], name="participant_nature", include=["role"]),
            models.Index(fields=["partner", "status", "-sort_at", "-id"], name="participant_status", include=["role"]),
            models.Index(fields=["partner", "protected_until", "id"], name="participant_expiry"),
            models.Index(fields=["partner", "reporting_amount", "id"], name="participant_amount"),
            models.Index(fields=["partner", "expected_close", "id"], name="participant_close"),
            GinIndex("partner", OpClass(Upper("search"), name="gin_trgm_ops"), name="participant_search"),  # of one's own rows
        ]
        triggers = [mirror_triggers()[1]]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.role}"


class Activity(Row):
    """What was done on a deal."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=8, choices=ActivityKind)
    done_on = models.DateField()
    line = models.CharField(_("what was done"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deal_activities")

    class Meta:
        indexes = [models.Index(fields=["deal", "-done_on"], name="activity_deal_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.done_on}"

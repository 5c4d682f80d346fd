"""The partner: the tenant root, its type, its links, and guardian's direct-FK permission rows."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from partners.enums import PARTNER_STEPS, DealSight, PartnerSize, PartnerStatus
from prm.core import history
from prm.core.models import RefField, Row
from prm.core.states import fsm_triggers


class PartnerType(Row):
    """Reseller, distributor, referral, …: configurable."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PartnerQuerySet(models.QuerySet["Partner"]):
    def working(self) -> "PartnerQuerySet":
        """Partners that may do new business."""
        return self.filter(status=PartnerStatus.ACTIVE)

    def reachable(self) -> "PartnerQuerySet":
        """Partners whose people may sign in: active, or leaving until their end date."""
        return self.filter(status__in=[PartnerStatus.ACTIVE, PartnerStatus.LEAVING])


@history.track(
    "name",
    "status",
    "partner_type",
    "parent",
    "external_ref",
    "size",
    "employees",
    "industry",
    "country",
    "region",
    "city",
    "website",
    "deal_sight",
    "required_sign_in",
    "ends_on",
    "suspended_at",
)
class Partner(Row):
    """A company that sells, refers, implements or distributes for the vendor."""

    ref = RefField("P")
    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=200, editable=False, db_index=True)
    status = models.CharField(max_length=12, choices=PartnerStatus, default=PartnerStatus.ACTIVE)
    partner_type = models.ForeignKey(PartnerType, on_delete=models.PROTECT, related_name="partners")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    external_ref = models.CharField(_("reference in your ERP"), max_length=64, blank=True)
    size = models.CharField(max_length=10, choices=PartnerSize, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    industry = models.CharField(max_length=100, blank=True)
    country = CountryField(blank=True)
    region = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    website = models.CharField(max_length=253, blank=True)
    opened_year = models.PositiveSmallIntegerField(null=True, blank=True)
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    deal_sight = models.CharField(max_length=10, choices=DealSight, default=DealSight.COMPANY)
    required_sign_in = models.CharField(_("required single sign-on provider"), max_length=100, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = ["sort_name", "id"]
        default_permissions = ()
        permissions = [
            ("view_partner", "May see the partner"),
            ("change_partner", "May edit the partner's profile"),
            ("view_deals", "May see the partner's deals"),
            ("register_deals", "May register deals for the partner"),
            ("view_mdf", "May see the partner's MDF"),
            ("request_mdf", "May request MDF for the partner"),
            ("manage_team", "May manage the partner's team"),
            ("accept_agreement", "May accept agreements for the partner"),
            ("review_deals", "May decide the partner's deals (staff)"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_ref"], condition=~models.Q(external_ref=""), name="partner_external_ref_unique"
            ),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="partner_not_own_parent"),
        ]
        indexes = [GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="partner_name_search")]  # by a part of it
        triggers = fsm_triggers(PARTNER_STEPS)

    def __str__(self) -> str:
        return self.name


class PartnerUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Partner, on_delete=models.CASCADE)


class PartnerGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Partner, on_delete=models.CASCADE)


class PartnerLink(Row):
    """A dated reseller ↔ distributor link."""

    distributor = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="reseller_links")
    reseller = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="distributor_links")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["distributor", "reseller", "starts_on"], name="partnerlink_once"),
            models.CheckConstraint(condition=~models.Q(distributor=models.F("reseller")), name="partnerlink_two_companies"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")), name="partnerlink_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.distributor} → {self.reseller}"

"""The vendor's own pipeline, as its CRM exports it: what a deal may duplicate."""

from django.db import models
from django_countries.fields import CountryField

from deals.enums import OpportunityState
from deals.models.customer import Customer
from prm.catalog.models import Product
from prm.core.models import RefField, Row


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    def open(self) -> "OpportunityQuerySet":
        return self.filter(state=OpportunityState.OPEN)


class Opportunity(Row):
    """One row per (source, external_id). `deal_ref` marks a deal's shadow, which never counts against that deal."""

    ref = RefField("O")
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=100)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="opportunities")
    customer_name = models.CharField(max_length=300)
    domain = models.CharField(max_length=253, blank=True)
    country = CountryField(blank=True)
    city = models.CharField(max_length=100, blank=True)
    registration_number = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=5, choices=OpportunityState, default=OpportunityState.OPEN)
    owner = models.CharField(max_length=150, blank=True)
    owner_email = models.EmailField(blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    last_activity_on = models.DateField(null=True, blank=True)
    deal_ref = models.CharField(max_length=16, blank=True)
    lead_ref = models.CharField(max_length=16, blank=True)
    products = models.ManyToManyField(Product, through="OpportunityProduct", related_name="opportunities")

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "opportunities"
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="opportunity_once"),
            models.CheckConstraint(condition=models.Q(state__in=OpportunityState.values), name="opportunity_state_known"),
        ]
        indexes = [models.Index(fields=["state", "created_at", "id"], name="opportunity_state")]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class OpportunityProduct(models.Model):
    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="product_rows")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="opportunity_rows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opportunity", "product"], name="opportunityproduct_once")]

    def __str__(self) -> str:
        return f"{self.opportunity_id} {self.product_id}"

"""Booked revenue."""

from django.db import models

from deals.models.customer import Customer
from deals.models.deal import Deal
from partners.models import Partner
from prm.catalog.models import Product
from prm.core.models import Row


class Sale(Row):
    """One order line from the ERP or a distributor's point-of-sale file; returns are negative.
    The only thing called revenue. `reporting_amount` = value at the order date's stored rate, null when there is none."""

    source = models.CharField(max_length=40)
    order_ref = models.CharField(max_length=64)
    line = models.CharField(max_length=16)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sales")
    distributor = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="distributed_sales")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="sales")
    customer_name = models.CharField(max_length=300, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="sales")
    ordered_on = models.DateField()
    term_ends_on = models.DateField(null=True, blank=True)
    net_amount = models.DecimalField(max_digits=18, decimal_places=3)
    currency = models.CharField(max_length=3)
    reporting_amount = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    reporting_rate = models.DecimalField(max_digits=18, decimal_places=9, null=True, blank=True)
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="sales")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "order_ref", "line"], name="sale_once")]
        indexes = [models.Index(fields=["partner", "ordered_on"], name="sale_partner_day")]

    def __str__(self) -> str:
        return f"{self.order_ref}/{self.line}"

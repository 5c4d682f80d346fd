"""Facts: what higher apps know of a partner (or a member), put down where segments and rules can read it."""

from django.db import models

from partners.enums import FactType
from partners.models.membership import Membership
from partners.models.partner import Partner
from prm.core.models import Row


class Fact(Row):
    """One typed value of one key; exactly one of the four value columns is used, by `type`."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="facts")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="facts")
    key = models.SlugField(max_length=50)
    type = models.CharField(max_length=8, choices=FactType)
    number = models.DecimalField(max_digits=18, decimal_places=3, null=True, blank=True)
    text = models.CharField(max_length=200, null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    flag = models.BooleanField(null=True, blank=True)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "member", "key"], nulls_distinct=False, name="fact_once"),
        ]
        indexes = [models.Index(fields=["key", "number"], name="fact_key_number")]

    def __str__(self) -> str:
        return self.key

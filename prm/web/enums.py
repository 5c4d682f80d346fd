"""Choices of the one table of this app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """Who sees a saved view: its owner, everybody in the owner's partner, all staff."""

    MINE = "mine", _("Only me")
    TEAM = "team", _("My team")
    ALL = "all", _("All staff")

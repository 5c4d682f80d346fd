"""The policy in force."""

from datetime import datetime

from deals.models import Policy
from deals.rules.policy import PolicyRules, rules_from


def policy_at(moment: datetime) -> Policy | None:
    """The newest version whose time had come; None before the first is published (defaults hold then)."""
    return Policy.objects.filter(effective_from__lte=moment).order_by("-version").first()


def rules_of(policy: Policy | None) -> PolicyRules:
    """The values of a version over the defaults."""
    return rules_from(policy.rules if policy else {})


def rules_at(moment: datetime) -> PolicyRules:
    return rules_of(policy_at(moment))

"""Tables of the programs app, one module per noun."""

from programs.models.tier import Tier, TierAssignment

__all__ = ["Tier", "TierAssignment"]

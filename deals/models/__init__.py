"""Tables of the deals app, one module per noun."""

from deals.models.conflict import AccountCheck, Conflict, ConflictCandidate, FreeWatch
from deals.models.customer import Customer, CustomerAlias, MatchKey, TokenCount
from deals.models.deal import Activity, ClockRun, CustomerContact, Deal, DealLine, Participant, ProtectedLine
from deals.models.match_model import MatchModel
from deals.models.merge import CustomerMerge
from deals.models.opportunity import Opportunity, OpportunityProduct
from deals.models.policy import Policy
from deals.models.request import ChangeRequest, Extension, JoinRequest
from deals.models.sale import Sale
from deals.models.verdict import IdentityVerdict

__all__ = [
    "AccountCheck",
    "Activity",
    "ChangeRequest",
    "ClockRun",
    "Conflict",
    "ConflictCandidate",
    "Customer",
    "CustomerAlias",
    "CustomerContact",
    "CustomerMerge",
    "Deal",
    "DealLine",
    "Extension",
    "FreeWatch",
    "IdentityVerdict",
    "JoinRequest",
    "MatchKey",
    "MatchModel",
    "Opportunity",
    "OpportunityProduct",
    "Participant",
    "Policy",
    "ProtectedLine",
    "Sale",
    "TokenCount",
]

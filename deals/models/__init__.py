"""Tables of the deals app, one module per noun."""

from deals.models.conflict import AccountCheck, Conflict, ConflictCandidate, FreeWatch
from deals.models.customer import Customer, CustomerAlias, MatchKey, TokenCount
from deals.models.deal import Activity, ClockRun, CustomerContact, Deal, DealLine, Participant, ProtectedLine
from deals.models.opportunity import Opportunity, OpportunityProduct
from deals.models.policy import Policy
from deals.models.request import ChangeRequest, Extension, JoinRequest
from deals.models.sale import Sale

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
    "Deal",
    "DealLine",
    "Extension",
    "FreeWatch",
    "JoinRequest",
    "MatchKey",
    "Opportunity",
    "OpportunityProduct",
    "Participant",
    "Policy",
    "ProtectedLine",
    "Sale",
    "TokenCount",
]

"""Statuses and step tables of the deals app; the database guards are generated from these tables."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from prm.core.states import Step, StepTable


class DealStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    WAITING = "waiting", _("Waiting behind an earlier registration")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned to you")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    EXPIRED = "expired", _("Expired")
    RELEASED = "released", _("Released")
    REVOKED = "revoked", _("Revoked")
    TRANSFERRED = "transferred", _("Transferred")
    BOOKED = "booked", _("Booked")
    REVERSED = "reversed", _("Reversed")


S = DealStatus
DEAL_STEPS = StepTable(
    "deal",
    starts={S.DRAFT},
    steps=[
        Step("submit", {S.DRAFT, S.RETURNED}, S.SUBMITTED, "deals.deal.submitted"),
        Step("save", {S.DRAFT, S.RETURNED}, None, "deals.deal.saved"),
        Step("decline_duplicate", {S.SUBMITTED, S.WAITING}, S.DECLINED, "deals.deal.declined_duplicate"),
        Step("approve_by_rule", {S.SUBMITTED}, S.APPROVED, "deals.deal.approved_by_rule"),
        Step("wait", {S.SUBMITTED}, S.WAITING, "deals.deal.waiting"),
        Step("review", {S.SUBMITTED, S.WAITING}, S.IN_REVIEW, "deals.deal.in_review"),
        Step("approve", {S.IN_REVIEW}, S.APPROVED, "deals.deal.approved"),
        Step("ask", {S.IN_REVIEW}, None, "deals.deal.question_asked"),
        Step("escalate", {S.IN_REVIEW}, None, "deals.deal.escalated"),
        Step("answer", {S.IN_REVIEW}, None, "deals.deal.question_answered"),
        Step("return", {S.IN_REVIEW}, S.RETURNED, "deals.deal.returned"),
        Step("decline", {S.IN_REVIEW}, S.DECLINED, "deals.deal.declined"),
        Step("lapse", {S.RETURNED}, S.LAPSED, "deals.deal.lapsed"),
        Step("withdraw", {S.SUBMITTED, S.WAITING, S.IN_REVIEW, S.RETURNED}, S.WITHDRAWN, "deals.deal.withdrawn"),
        Step("update", {S.APPROVED}, None, "deals.deal.updated"),
        Step("extend", {S.APPROVED}, None, "deals.deal.extended"),
        Step("win", {S.APPROVED}, S.WON, "deals.deal.won"),
        Step("win_late", {S.EXPIRED}, S.WON, "deals.deal.won_late"),
        Step("lose", {S.APPROVED}, S.LOST, "deals.deal.lost"),
        Step("expire", {S.APPROVED}, S.EXPIRED, "deals.deal.expired"),
        Step("release", {S.APPROVED}, S.RELEASED, "deals.deal.released"),
        Step("revoke", {S.APPROVED}, S.REVOKED, "deals.deal.revoked"),
        Step("transfer", {S.APPROVED}, S.TRANSFERRED, "deals.deal.transferred"),
        Step("book", {S.WON}, S.BOOKED, "deals.deal.booked"),
        Step("reopen", {S.WON}, S.APPROVED, "deals.deal.reopened"),
        Step("reverse", {S.BOOKED}, S.REVERSED, "deals.deal.reversed"),
        Step("overturn", {S.DECLINED, S.REVOKED}, S.APPROVED, "deals.deal.overturned"),
    ],
)
UNDECIDED = frozenset({S.SUBMITTED, S.WAITING, S.IN_REVIEW, S.RETURNED})
OPEN = UNDECIDED | {S.DRAFT, S.APPROVED}


class DealKind(TextChoices):
    REGISTRATION = "registration", _("Registration")
    REFERRAL = "referral", _("Referral")


class DealNature(TextChoices):
    NEW = "new", _("New")
    EXPANSION = "expansion", _("Expansion")
    RENEWAL = "renewal", _("Renewal")
    TENDER = "tender", _("Tender")


class DeclinedKind(TextChoices):
    DUPLICATE = "duplicate", _("Duplicate, by rule")
    PERSON = "person", _("By a person")


class DealStage(TextChoices):
    PROSPECTING = "prospecting", _("Prospecting")
    QUALIFIED = "qualified", _("Qualified")
    PROPOSAL = "proposal", _("Proposal")
    NEGOTIATION = "negotiation", _("Negotiation")


class ProtectionScope(TextChoices):
    SITE = "site", _("This site")
    CUSTOMER = "customer", _("The whole customer")
    PROJECT = "project", _("The named project")


class ProtectionEffect(TextChoices):
    EXCLUSIVE = "exclusive", _("Exclusive")
    SHARED = "shared", _("Shared")
    TENDER = "tender", _("Tender")


class ParticipantRole(TextChoices):
    OWNER = "owner", _("Owner")
    DISTRIBUTOR = "distributor", _("Distributor")
    RESELLER = "reseller", _("Reseller")
    IMPLEMENTER = "implementer", _("Implementer")
    REFERRER = "referrer", _("Referrer")


class ActivityKind(TextChoices):
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    DEMO = "demo", _("Demo")
    OFFER = "offer", _("Offer")
    OTHER = "other", _("Other")


class OpportunityState(TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Outcome(TextChoices):
    """What a duplicate check says."""

    CLEAR = "clear", _("Clear")
    WAITING = "waiting", _("Waiting")
    REVIEW = "review", _("Review")
    DECLINE = "decline", _("Decline")


class MatchedKind(TextChoices):
    OPPORTUNITY = "opportunity", _("Vendor opportunity")
    DEAL = "deal", _("Registered deal")
    CUSTOMER = "customer", _("Customer")


class ExtensionStatus(TextChoices):
    ASKED = "asked", _("Asked")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


X = ExtensionStatus
EXTENSION_STEPS = StepTable(
    "extension",
    starts={X.ASKED},
    steps=[
        Step("grant", {X.ASKED}, X.GRANTED, "deals.extension.granted"),
        Step("refuse", {X.ASKED}, X.REFUSED, "deals.extension.refused"),
        Step("withdraw", {X.ASKED}, X.WITHDRAWN, "deals.extension.withdrawn"),
    ],
)


class ChangeRequestStatus(TextChoices):
    IN_REVIEW = "in_review", _("In review")
    DECLINED_DUPLICATE = "duplicate", _("Declined as duplicate")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


R = ChangeRequestStatus
CHANGE_REQUEST_STEPS = StepTable(
    "change request",
    starts={R.IN_REVIEW, R.DECLINED_DUPLICATE},
    steps=[
        Step("accept", {R.IN_REVIEW}, R.ACCEPTED, "deals.change_request.accepted"),
        Step("decline", {R.IN_REVIEW}, R.DECLINED, "deals.change_request.declined"),
        Step("withdraw", {R.IN_REVIEW}, R.WITHDRAWN, "deals.change_request.withdrawn"),
    ],
)


class JoinRequestStatus(TextChoices):
    ASKED = "asked", _("Asked")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


J = JoinRequestStatus
JOIN_REQUEST_STEPS = StepTable(
    "join request",
    starts={J.ASKED},
    steps=[
        Step("accept", {J.ASKED}, J.ACCEPTED, "deals.join_request.accepted"),
        Step("refuse", {J.ASKED}, J.REFUSED, "deals.join_request.refused"),
        Step("withdraw", {J.ASKED}, J.WITHDRAWN, "deals.join_request.withdrawn"),
    ],
)


class Judged(TextChoices):
    """What a person says of two identities."""

    SAME = "same", _("Same customer")
    DIFFERENT = "different", _("Not the same")


class JudgedAt(TextChoices):
    """Where the person looked at the two."""

    REVIEW = "review", _("Review of a registration")
    REGISTER = "register", _("Likely doubles")
    MERGE = "merge", _("Merge of customers")


class VerdictStatus(TextChoices):
    STANDING = "standing", _("In force")
    SUPERSEDED = "superseded", _("Replaced by a later one")
    WITHDRAWN = "withdrawn", _("Taken back")


V = VerdictStatus
VERDICT_STEPS = StepTable(
    "verdict",
    starts={V.STANDING},
    steps=[
        Step("withdraw", {V.STANDING}, V.WITHDRAWN, "deals.verdict.withdrawn"),
        Step("supersede", {V.STANDING}, V.SUPERSEDED, "deals.verdict.superseded"),
    ],
)


class ModelStatus(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    PUBLISHED = "published", _("In use")
    RETIRED = "retired", _("Retired")


N = ModelStatus
MODEL_STEPS = StepTable(
    "model",
    starts={N.PROPOSED},
    steps=[
        Step("publish", {N.PROPOSED, N.RETIRED}, N.PUBLISHED, "deals.model.published"),
        Step("retire", {N.PROPOSED, N.PUBLISHED}, N.RETIRED, "deals.model.retired"),
    ],
)


class MergeStatus(TextChoices):
    DONE = "done", _("Merged")
    UNDONE = "undone", _("Undone")


G = MergeStatus
MERGE_STEPS = StepTable(
    "merge",
    starts={G.DONE},
    steps=[Step("undo", {G.DONE}, G.UNDONE, "deals.customer.unmerged")],
)

DECLINE_REASONS = {
    "known_opportunity": _("Our own team is already working on this opportunity"),
    "other_partner": _("Another partner is already working on this"),
    "not_authorised": _("The products are not open to your company"),
    "not_a_customer": _("The customer could not be confirmed"),
    "existing_customer": _("This is running business of an existing customer"),
    "other": _("Other"),
}
RETURN_REASONS = {
    "who_is_it": _("Please say exactly which company and site it is"),
    "products": _("Please name the products and amounts"),
    "activity": _("Please say what you did with the customer so far"),
    "other": _("Other"),
}
LOST_REASONS = {
    "price": _("Price"),
    "competitor": _("A competitor won"),
    "no_budget": _("No budget"),
    "no_decision": _("No decision"),
    "other": _("Other"),
}
REASONS = {
    key: text for known in (DECLINE_REASONS, RETURN_REASONS, LOST_REASONS) for key, text in known.items() if key != "other"
}

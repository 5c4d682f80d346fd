from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.utils import timezone

from deals.enums import DealStatus as DEAL_STATUSES
from prm.catalog.models import Product
from prm.core.errors import NotAllowed, NotVisible, Reason
from prm.web import guards, keyset, lists, shell
from prm.web.counts import Bounded
from prm.web.rendering import offer_undo, page
from tests.prm.web.gallery.words import NAMES

SORTS = [keyset.Sort("name", "name"), keyset.Sort("made", "created_at")]
STATUSES = [*DEAL_STATUSES.values, "overdue"]


class DealForm(forms.Form):
    customer = forms.CharField(help_text="The legal name, as on the order.")
    website = forms.URLField(required=False, assume_scheme="https")
    country = forms.ChoiceField(choices=[("de", "Germany"), ("id", "Indonesia")])
    amount = forms.DecimalField(min_value=1, help_text="Without tax.")
    close = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    nature = forms.ChoiceField(
        choices=[("new", "New"), ("expansion", "Expansion"), ("tender", "Tender")], widget=forms.RadioSelect
    )
    products = forms.MultipleChoiceField(
        choices=[("a", "Bikes"), ("b", "Frames")], widget=forms.CheckboxSelectMultiple, required=False
    )
    agree = forms.BooleanField(label="The customer knows that we register this")
    story = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, label="What you did so far")
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


Rows = forms.formset_factory(DealForm, extra=1)


def step(label, state, **more):
    return {"label": label, "state": state, **more}


def gallery(request):
    now = timezone.now()
    bound = DealForm({"customer": "x" * 20, "website": "not an address", "amount": "-5"})
    messages.success(request, "The deal D-7K3QX2MV is registered.")
    messages.error(request, "The customer’s address could not be read.")
    offer_undo(request, "Assigned to Mona.", "/gallery/")
    request._acting_for = shell.Acting(
        NAMES[0],
        "P-1",
        None,
        [("P-1", NAMES[0]), ("P-2", NAMES[1])],
        "/gallery/",
        lambda perm: True,
        "You see the portal as this partner sees it.",
    )
    context = {
        "statuses": [(s, s.replace("_", " ").capitalize()) for s in STATUSES],
        "form": DealForm(),
        "bound": bound,
        "formset": Rows(prefix="rows"),
        "chips": lists.chips(
            request,
            "status",
            [("", "All"), ("open", "Open"), ("won", "Won")],
            {"": Bounded(1000, True), "open": 12, "won": Bounded(0)},
        ),
        "steps": [
            step("Draft", "done", at=now - timedelta(days=9), who="Alice"),
            step("Submitted", "done", at=now - timedelta(days=8)),
            step("In review", "now", who="Carla Montgomery-Featherstonehaugh decides", due=now + timedelta(days=1)),
            step("Protected", "todo"),
            step("Won", "todo"),
        ],
        "due": now + timedelta(hours=6),
        "later": now + timedelta(days=4),
        "late": now - timedelta(hours=30),
        "entries": [
            {
                "kind": "comment",
                "title": "Comment",
                "body": "We met them twice.\nThey like the blue one.",
                "actor": NAMES[2],
                "at": now,
            },
            {
                "kind": "comment",
                "title": "Comment",
                "body": "Check with the desk.",
                "actor": "Carla",
                "at": now,
                "internal": True,
            },
            {"kind": "file", "title": NAMES[3] + ".pdf", "url": "/gallery/", "actor": "Alice", "at": now},
            {"kind": "event", "title": "Submitted", "actor": "Alice", "at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC)},
        ],
        "names": NAMES,
        "amounts": [(Decimal("1234567.5"), "USD"), (Decimal("99000"), "JPY"), (Decimal("-12.345"), "KWD"), (None, "EUR")],
        "consequences": ["All open deals go to a colleague.", "The sign-in ends at once."],
    }
    return page(request, "gallery/all.html", context)


def rows(request):
    found = keyset.page(request, Product.objects.all(), SORTS, "name")
    return page(request, "gallery/rows.html", {"page": found}, partial="gallery/_rows.html")


def empty(request):
    return page(request, "gallery/rows.html", {"page": keyset.page(request, Product.objects.none(), SORTS, "name")})


def missing(request):
    raise NotVisible


def refused(request):
    guards.require(
        [
            Reason("tier", "Special prices open at Silver.", "/programs/"),
            Reason("course", "Nobody in your team has passed “Basics”."),
        ]
    )


def service_refused(request):
    raise NotAllowed(Reason("paused", "This partner is paused."))

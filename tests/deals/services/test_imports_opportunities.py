"""The CRM's opportunities: loaded once, updated where they differ, refused in words."""

import csv
import io
import threading
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection, transaction

from deals.models import Customer, Opportunity, TokenCount
from deals.services.customer import lock_identities, resolve_customer
from deals.services.imports import import_opportunities
from deals.services.imports.cells import state_of
from prm.audit.models import Event
from prm.catalog.models import Product
from prm.core.tabular import BadFile
from prm.matching import Identity
from prm.record.models import ImportRun

HEADER = [
    "external_id", "customer", "domain", "country", "city", "registration_number", "products", "amount", "currency", "stage",
    "owner", "opened_on", "closed_on",
]  # fmt: skip
OPTIONAL = ["last_activity_on", "owner_email", "deal_ref", "lead_ref", "street", "postcode", "phone"]
ROW = {
    "external_id": "O-1", "customer": "Acme Inc.", "domain": "www.acme.com", "country": "US", "city": "Austin",
    "products": "GTX Pro|MG",
    "amount": "1234.50", "currency": "USD", "stage": "Proposal", "owner": "Ann", "opened_on": "2026-01-05",
}  # fmt: skip


def table(*rows, header=HEADER, delimiter=",", encoding="utf-8"):
    text = io.StringIO()
    writer = csv.DictWriter(text, header, delimiter=delimiter, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def row(number=1, **changes):
    return {**ROW, "external_id": f"O-{number}", "customer": f"Acme{number} Inc.", "domain": f"acme{number}.com", **changes}


def counts(report):
    return report.outcome, report.created, report.updated, report.unchanged


def said(report):
    return [(problem.line, problem.column) for problem in report.problems.in_order()]


def nothing_stored():
    return not (
        Opportunity.objects.exists() or Customer.objects.exists() or Product.objects.exists() or TokenCount.objects.exists()
    )


@pytest.mark.django_db
def test_a_row_is_stored_as_written_with_its_customer_and_products():
    report = import_opportunities(table(ROW), source="sap")
    assert counts(report) == ("loaded", 1, 0, 0)
    found = Opportunity.objects.get()
    assert (found.source, found.external_id, found.customer_name, found.domain) == ("sap", "O-1", "Acme Inc.", "acme.com")
    assert (str(found.country), found.city, found.amount, found.currency) == ("US", "Austin", Decimal("1234.5"), "USD")
    assert (found.stage, found.state, found.owner) == ("Proposal", "open", "Ann")
    assert (found.opened_on, found.closed_on, found.last_activity_on) == (date(2026, 1, 5), None, None)
    assert found.ref.startswith("O-")
    assert found.customer.name == "Acme Inc."
    assert sorted(found.products.values_list("key", "name", "reviewed")) == [("gtxpro", "GTX Pro", False), ("mg", "MG", False)]
    assert report.facts == {"new_customers": 1, "new_products": ["GTX Pro", "MG"], "open_rows": 1, "open_counted_as_active": 1}
    assert "every open row counts as active (1)" in report.notes[0]


@pytest.mark.django_db
def test_optional_columns():
    more = {
        "last_activity_on": "2026-02-01", "owner_email": "Ann@Vendor.com", "deal_ref": "D-12345678", "lead_ref": "L-1",
        "street": "1 Main St", "postcode": "78701", "phone": "+1 512 555 0100",
    }  # fmt: skip
    report = import_opportunities(table({**ROW, **more}, row(2), header=HEADER + OPTIONAL))
    found = Opportunity.objects.get(external_id="O-1")
    assert (found.last_activity_on, found.owner_email, found.deal_ref) == (date(2026, 2, 1), "ann@vendor.com", "D-12345678")
    assert (found.lead_ref, found.street, found.postcode, found.phone) == ("L-1", "1 Main St", "78701", "+1 512 555 0100")
    assert found.customer.street == "1 Main St"
    assert "1 open row has no day of last activity" in report.notes[0]


@pytest.mark.django_db
def test_the_second_time_nothing_changes():
    rows = [row(number) for number in range(5)] + [
        row(9, customer="Acme1 Inc.", domain="acme1.com", products="", amount="", currency="")
    ]
    assert counts(import_opportunities(table(*rows))) == ("loaded", 6, 0, 0)
    before = list(Opportunity.objects.order_by("id").values()), list(Customer.objects.order_by("id").values())
    assert counts(import_opportunities(table(*rows))) == ("loaded", 0, 0, 6)
    assert (list(Opportunity.objects.order_by("id").values()), list(Customer.objects.order_by("id").values())) == before
    assert Customer.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "customers"),
    [
        ({"amount": "2"}, 3),
        ({"stage": "Closed Won"}, 3),
        ({"products": "MG"}, 3),
        ({"products": ""}, 3),
        ({"closed_on": "2026-03-03"}, 3),
        ({"customer": "Umbrella", "domain": ""}, 4),
        ({"city": "Boston"}, 3),
    ],
)
def test_only_the_row_that_differs_is_touched(change, customers):
    import_opportunities(table(row(1), row(2), row(3)))
    kept = list(Opportunity.objects.exclude(external_id="O-2").order_by("id").values())
    before = Opportunity.objects.get(external_id="O-2")
    assert counts(import_opportunities(table(row(1), row(2, **change), row(3)))) == ("loaded", 0, 1, 2)
    after = Opportunity.objects.get(external_id="O-2")
    assert (after.pk, after.ref, after.created_at) == (before.pk, before.ref, before.created_at)
    assert list(Opportunity.objects.exclude(external_id="O-2").order_by("id").values()) == kept
    assert Customer.objects.count() == customers
    for name, value in change.items():
        stored = "|".join(sorted(after.products.values_list("name", flat=True))) if name == "products" else None
        column = {"customer": "customer_name"}.get(name, name)
        assert stored == value if name == "products" else str(getattr(after, column) or "").startswith(value)


@pytest.mark.django_db
def test_a_column_the_file_lacks_leaves_what_is_stored():
    import_opportunities(table({**ROW, "last_activity_on": "2026-02-01"}, header=[*HEADER, "last_activity_on"]))
    assert counts(import_opportunities(table(ROW))) == ("loaded", 0, 0, 1)
    assert counts(import_opportunities(table({**ROW, "amount": "7"}))) == ("loaded", 0, 1, 0)
    assert Opportunity.objects.get().last_activity_on == date(2026, 2, 1)


@pytest.mark.django_db
def test_ids_are_unique_within_their_source_only():
    import_opportunities(table(ROW), source="a")
    assert counts(import_opportunities(table(ROW), source="b")) == ("loaded", 1, 0, 0)
    assert Customer.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["", " ", "x" * 41])
def test_a_source_needs_a_name(source):
    with pytest.raises(BadFile):
        import_opportunities(table(ROW), source=source)


BAD = {
    "external_id": ["", "x" * 101, "a\x00b"],
    "customer": ["", "é" * 10_000, "a\x07b"],
    "country": ["Mars", "XX"],
    "products": ["***", "x" * 101, "|".join(map(str, range(60)))],
    "amount": ["-1", "1,5", "1e9", "9" * 30, "1.005"],
    "currency": ["EURO", ""],
    "opened_on": ["01.02.2026", "2026-02-30", "0001-01-01"],
    "closed_on": ["yesterday"],
}


@pytest.mark.django_db
@pytest.mark.parametrize(("column", "value"), [(column, value) for column, values in BAD.items() for value in values])
def test_a_bad_cell_refuses_the_file_with_its_line_and_column(column, value):
    report = import_opportunities(table(row(1), row(2, **{column: value}), row(3)))
    assert said(report) == [(3, column)]
    assert (report.outcome, report.created, report.rows, report.problems.rows) == ("refused", 0, 3, 1)
    assert nothing_stored()
    assert ImportRun.objects.get().outcome == "refused"


@pytest.mark.django_db
def test_all_errors_are_collected_and_the_good_rows_load_when_asked():
    rows = [
        row(1),
        row(2, amount="x", country="Mars", products="New Thing"),
        row(3, opened_on="x"),
        row(1, stage="later"),
        row(4),
    ]
    expected = [(3, "country"), (3, "amount"), (4, "opened_on"), (5, "external_id")]
    report = import_opportunities(table(*rows))
    assert sorted(said(report)) == sorted(expected)
    assert "stands on line 2" in report.problems.in_order()[-1].message
    assert nothing_stored()
    report = import_opportunities(table(*rows), keep_good=True)
    assert (counts(report), report.problems.rows) == (("partly", 2, 0, 0), 3)
    assert set(Opportunity.objects.values_list("external_id", "stage")) == {("O-1", "Proposal"), ("O-4", "Proposal")}
    assert not Product.objects.filter(key="newthing").exists()


@pytest.mark.django_db
def test_a_repeated_id_is_an_error_even_when_the_first_row_is_one():
    report = import_opportunities(table(row(1, amount="x"), row(1)), keep_good=True)
    assert said(report) == [(2, "amount"), (3, "external_id")]
    assert not Opportunity.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_says_the_same_and_writes_nothing():
    import_opportunities(table(row(1)))
    events, runs, customers = Event.objects.count(), ImportRun.objects.count(), Customer.objects.count()
    rows = [row(1, amount="5"), row(2, products="Unheard of")]
    tried = import_opportunities(table(*rows), dry_run=True)
    assert (Event.objects.count(), ImportRun.objects.count(), Customer.objects.count()) == (events, runs, customers)
    assert Opportunity.objects.get().amount == Decimal("1234.5")
    done = import_opportunities(table(*rows))
    assert counts(tried) == counts(done) == ("loaded", 1, 1, 0)
    would, did = "1 product is unknown and would be added", "1 product was unknown and is now in"
    assert would in str(tried.notes) and did in str(done.notes) and did not in str(tried.notes)
    assert len(tried.notes) == len(done.notes)
    left_out = {"run", "seconds", "dry_run", "notes"}
    assert {k: v for k, v in tried.as_dict().items() if k not in left_out} == {
        k: v for k, v in done.as_dict().items() if k not in left_out
    }


@pytest.mark.django_db
def test_each_run_is_kept_with_one_event_and_without_what_stood_in_the_cells():
    report = import_opportunities(table(row(1), row(2, owner="secret\x00person", amount="secret"), row(3)), keep_good=True)
    run = ImportRun.objects.get()
    assert (run.ref, run.kind, run.source, run.outcome) == (report.run, "opportunities", "crm", "partly")
    assert (run.rows, run.created_rows, run.updated_rows, run.error_rows) == (3, 2, 0, 1)
    assert run.report["problems"][0] == {"line": 3, "column": "amount", "message": report.problems.kept[0].message}
    assert "secret" not in str(run.report)
    event = Event.objects.exclude(name="catalog.product.created_unreviewed").get()
    assert (event.name, event.object_id) == ("record.import_run.finished", str(run.pk))
    assert event.data["created"] == 2


@pytest.mark.django_db
def test_products_are_compared_without_case_spaces_and_punctuation():
    known = Product.objects.create(key="gtxpro", name="GTX Pro")
    report = import_opportunities(table(row(1, products="gtx-PRO; MG Special "), row(2, products="GTXPro|mg_special|GTX PRO")))
    assert report.facts["new_products"] == ["MG Special"]
    assert Product.objects.count() == 2
    for found in Opportunity.objects.all():
        assert set(found.products.values_list("key", flat=True)) == {known.key, "mgspecial"}
    assert Product.objects.get(key="mgspecial").reviewed is False


@pytest.mark.django_db
@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-16", ";"), ("cp1252", ";"), ("utf-8", "\t")])
def test_encodings_and_delimiters(encoding, delimiter):
    rows = [row(1, customer="Zürich Käse", country="Österreich"), row(2)]
    assert counts(import_opportunities(table(*rows, encoding=encoding, delimiter=delimiter)))[1] == 2
    assert str(Opportunity.objects.get(customer_name="Zürich Käse").country) == "AT"


@pytest.mark.django_db
def test_xlsx():
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    values = {**ROW, "amount": 1234.5, "opened_on": date(2026, 1, 5)}
    book.active.append([values.get(name) for name in HEADER])
    file = io.BytesIO()
    book.save(file)
    assert counts(import_opportunities(file)) == ("loaded", 1, 0, 0)
    assert counts(import_opportunities(table(ROW))) == ("loaded", 0, 0, 1)


@pytest.mark.django_db
def test_a_domain_that_is_none_is_left_out_with_a_warning_and_a_public_host_is_no_evidence():
    rows = [
        row(1, domain="no domain"),
        row(2, domain="n/a"),
        row(3, domain="ann@gmail.com"),
        row(4, domain="http://x.acme4.com/about"),
    ]
    report = import_opportunities(table(*rows))
    assert [(warning.line, warning.column) for warning in report.warnings.kept] == [(2, "domain")]
    assert dict(Opportunity.objects.values_list("external_id", "domain")) == {
        "O-1": "", "O-2": "", "O-3": "gmail.com", "O-4": "acme4.com",
    }  # fmt: skip
    assert set(Customer.objects.values_list("domain", flat=True)) == {"", "acme4.com"}


@pytest.mark.django_db
def test_odd_names_load():
    names = ["😀", "‏שלום בע״מ", "Аcme", "株式会社トヨタ", 'O\'Neil "Q" & Co; {x}, \\N', "GmbH", "\u0093Acme\u0094"]
    report = import_opportunities(table(*(row(number, customer=name) for number, name in enumerate(names))))
    assert report.created == len(names)
    assert 'O\'Neil "Q" & Co; {x}, \\N' in Opportunity.objects.values_list("customer_name", flat=True)


@pytest.mark.parametrize(
    ("stage", "closed", "state"),
    [
        ("Closed Won", None, "won"),
        ("WON", date(2026, 1, 1), "won"),
        ("gewonnen", None, "won"),
        ("Gagné", None, "won"),
        ("受注済み", None, "won"),
        ("Closed Lost", None, "lost"),
        ("Verloren", None, "lost"),
        ("Przegrana", None, "lost"),
        ("Negotiation", None, "open"),
        ("Negotiation", date(2026, 1, 1), "lost"),
        ("", None, "open"),
        ("", date(2026, 1, 1), "lost"),
        ("Wonderful", None, "open"),
        ("won/lost", None, "open"),
    ],
)
def test_what_a_stage_says(stage, closed, state):
    assert state_of(stage, closed) == state


@pytest.mark.django_db
@pytest.mark.parametrize("header", [[*HEADER, "colour"], HEADER[:-1], [*HEADER, "customer"]])
def test_a_header_that_does_not_fit_is_refused_as_a_whole(header):
    with pytest.raises(BadFile):
        import_opportunities(table(ROW, header=header))
    assert nothing_stored()
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_an_empty_table_loads_nothing():
    assert counts(import_opportunities(table())) == ("loaded", 0, 0, 0)


@pytest.mark.django_db
def test_the_progress_is_told_in_order():
    told = []
    import_opportunities(table(*(row(number) for number in range(3))), progress=lambda *said: told.append(said))
    assert [step for step, _done, _total in told] == ["read", "customers", "merge", "merge"]


@pytest.mark.django_db(transaction=True)
def test_an_import_and_a_registration_of_the_same_customer_make_one():
    """A registration holds the identity; the import reads its file, then waits, then finds the customer that was made."""
    holding, done = threading.Event(), threading.Event()

    def register():
        with transaction.atomic():
            lock_identities([Identity("Acme Inc.", domain="acme.com", country="US")])
            holding.set()
            done.wait(1.5)
            resolve_customer(Identity("Acme", domain="acme.com", country="US"), by=None)
        connection.close()

    thread = threading.Thread(target=register)
    thread.start()
    holding.wait(10)
    report = import_opportunities(table(ROW, row(2)))
    done.set()
    thread.join()
    assert (report.created, report.facts["new_customers"]) == (2, 1)
    assert Customer.objects.filter(domain="acme.com").count() == 1
    assert Opportunity.objects.get(external_id="O-1").customer.name == "Acme"


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_source_at_once_create_each_row_once():
    reports = []

    def work():
        reports.append(import_opportunities(table(*(row(number) for number in range(50)))))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts(report)[1:] for report in reports) == [(0, 0, 50), (0, 0, 50), (50, 0, 0)]
    assert (Opportunity.objects.count(), Customer.objects.count()) == (50, 50)

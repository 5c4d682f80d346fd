"""Partners from the ERP's list."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from partners.enums import Role
from partners.models import ManagerAssignment, Partner, PartnerGroup, PartnerLink, PartnerType
from partners.rules import may
from partners.services import membership
from partners.services.imports import import_partners
from prm.audit.models import Event
from prm.record.models import ImportRun

HEADER = [
    "external_ref", "name", "type", "size", "employees", "industry", "country", "region", "city", "website", "language",
    "time_zone", "opened_year", "manager_email", "distributor_ref", "parent_ref",
]  # fmt: skip


def table(*rows, header=HEADER):
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def row(number=1, **changes):
    return {"external_ref": f"E{number}", "name": f"Partner {number}", "type": "reseller"} | changes


def counts(report):
    return report.outcome, report.created, report.updated, report.unchanged


def said(report):
    return [(problem.line, problem.column) for problem in report.problems.in_order()]


def test_a_partner_is_made_with_its_groups_and_all_that_is_said(cast, django_user_model):
    report = import_partners(
        table(
            row(
                type="VAR", employees="49", industry="Bikes", country="Germany", region="Bavaria", city="Münster",
                website="https://www.p1.de/shop", language="de", time_zone="europe/berlin", opened_year="1999",
                manager_email="CARLA.manager@vendor.test", distributor_ref=cast.initech.ref, parent_ref=cast.acme.ref,
            )
        ),
        by=cast.rita,
    )  # fmt: skip
    assert counts(report) == ("loaded", 1, 0, 0)
    made = Partner.objects.get(external_ref="E1")
    assert (made.name, made.sort_name, made.status, made.partner_type.key) == ("Partner 1", "partner 1", "active", "reseller")
    assert (made.size, made.employees, made.industry, str(made.country)) == ("small", 49, "Bikes", "DE")
    assert (made.region, made.city, made.website) == ("Bavaria", "Münster", "www.p1.de")
    assert (made.language, made.time_zone, made.opened_year, made.parent) == ("de", "Europe/Berlin", 1999, cast.acme)
    assert PartnerGroup.objects.filter(partner=made).count() == len(Role.values)
    assert ManagerAssignment.objects.get(partner=made).manager == cast.carla
    link = PartnerLink.objects.get(reseller=made)
    assert (link.distributor, link.starts_on, link.ends_on) == (cast.initech, timezone.localdate(), None)
    member = django_user_model.objects.create_user("new@p1.test")
    membership.add_member(made, member, Role.SALES, by=None)
    assert may(member, "register_deals", made)


@pytest.mark.django_db
def test_only_three_columns_are_needed_and_standard_types_are_made():
    header = ["external_ref", "name", "type"]
    rows = [row(1, type="Managed Service Provider"), row(2, type="Distributor"), row(3, type="msp")]
    assert counts(import_partners(table(*rows, header=header))) == ("loaded", 3, 0, 0)
    assert set(PartnerType.objects.values_list("key", flat=True)) == {"managed-service-provider", "distributor"}


@pytest.mark.django_db
def test_a_configured_type_is_found_by_key_or_name():
    own = PartnerType.objects.create(key="oem", name="Equipment Maker")
    import_partners(table(row(1, type="OEM"), row(2, type="equipment maker")))
    assert Partner.objects.filter(partner_type=own).count() == 2


def test_the_second_time_nothing_changes(cast):
    rows = [row(1, employees="5"), row(2, manager_email=cast.carla.email, distributor_ref="E1", parent_ref="E3"), row(3)]
    assert counts(import_partners(table(*rows))) == ("loaded", 3, 0, 0)
    before = list(Partner.objects.order_by("id").values())
    assert counts(import_partners(table(*rows))) == ("loaded", 0, 0, 3)
    assert list(Partner.objects.order_by("id").values()) == before
    assert PartnerLink.objects.filter(reseller__external_ref="E2").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Renamed"}, {"type": "distributor"}, {"employees": "300"}, {"country": "FR"}, {"parent_ref": "E3"},
        {"distributor_ref": "E3"}, {"manager_email": "carl.other@vendor.test"},
    ],
)  # fmt: skip
def test_only_the_partner_that_differs_is_touched(cast, change):
    rows = [row(number, manager_email="carla.manager@vendor.test") for number in (1, 2, 3)]
    import_partners(table(*rows))
    yesterday = timezone.localdate() - timedelta(days=1)
    ManagerAssignment.objects.filter(partner__external_ref="E2").update(starts_on=yesterday)
    kept = list(Partner.objects.exclude(external_ref="E2").order_by("id").values())
    rows[1] |= change
    assert counts(import_partners(table(*rows), by=cast.rita)) == ("loaded", 0, 1, 2)
    assert list(Partner.objects.exclude(external_ref="E2").order_by("id").values()) == kept
    if "manager_email" in change:
        assert ManagerAssignment.objects.get(partner__external_ref="E2", ends_on=None).manager == cast.carl
        assert Event.objects.filter(name="partners.manager.assigned", actor_id=str(cast.rita.pk)).exists()


@pytest.mark.django_db
def test_a_column_the_file_lacks_leaves_what_is_stored():
    import_partners(table(row(1, city="Austin"), row(2), row(3, parent_ref="E2")))
    assert counts(import_partners(table(row(1), row(3), header=["external_ref", "name", "type"]))) == ("loaded", 0, 0, 2)
    assert Partner.objects.get(external_ref="E1").city == "Austin"
    assert Partner.objects.get(external_ref="E3").parent.external_ref == "E2"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("external_ref", ""), ("external_ref", "x" * 65), ("name", ""), ("name", "a\x00"), ("name", "é" * 10_000),
        ("type", "friend"), ("type", ""), ("size", "huge"), ("employees", "-1"), ("employees", "many"),
        ("country", "Mars"), ("language", "xx"), ("time_zone", "Mars/Base"),
        ("opened_year", "10000"), ("manager_email", "no mail"), ("manager_email", "who@vendor.test"),
        ("distributor_ref", "E9"), ("distributor_ref", "E2"), ("parent_ref", "E9"), ("parent_ref", "E2"), ("external_ref", "E1"),
    ],
)  # fmt: skip
def test_a_bad_cell_refuses_the_file(column, value):
    report = import_partners(table(row(1), row(2, **{column: value})))
    assert said(report) == [(3, column)]
    assert (report.outcome, Partner.objects.count(), PartnerType.objects.count()) == ("refused", 0, 0)


@pytest.mark.django_db
def test_parents_that_go_round_are_refused():
    report = import_partners(
        table(row(1, parent_ref="E2"), row(2, parent_ref="E3"), row(3, parent_ref="E1"), row(4, parent_ref="E1"))
    )
    assert said(report) == [(2, "parent_ref"), (3, "parent_ref"), (4, "parent_ref")]
    import_partners(table(row(1), row(2, parent_ref="E1")))
    assert said(import_partners(table(row(1, parent_ref="E2")))) == [(2, "parent_ref")]


@pytest.mark.django_db
def test_a_good_row_that_names_a_bad_one_stays_out_too():
    rows = [
        row(1, employees="x"),
        row(2, manager_email="who@v.test"),
        row(3, parent_ref="E2"),
        row(4, distributor_ref="E3"),
        row(5),
    ]
    report = import_partners(table(*rows), keep_good=True)
    assert said(report) == [(2, "employees"), (3, "manager_email"), (4, "row"), (5, "row")]
    assert (counts(report), list(Partner.objects.values_list("external_ref", flat=True))) == (("partly", 1, 0, 0), ["E5"])


@pytest.mark.django_db
def test_a_dry_run_writes_nothing_and_a_run_is_one_event():
    assert counts(import_partners(table(row(1), row(2)), dry_run=True)) == ("loaded", 2, 0, 0)
    assert not (Partner.objects.exists() or Event.objects.exists() or ImportRun.objects.exists() or PartnerType.objects.exists())
    import_partners(table(row(1), row(2)))
    assert (ImportRun.objects.get().kind, Event.objects.count()) == ("partners", 1)


@pytest.mark.django_db
def test_an_address_that_is_none_is_left_out_with_a_warning():
    report = import_partners(table(row(website="no site")))
    assert [(warning.line, warning.column) for warning in report.warnings.kept] == [(2, "website")]
    assert Partner.objects.get().website == ""

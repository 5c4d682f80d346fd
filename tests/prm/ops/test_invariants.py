"""A sound database holds every rule; each fault planted past the guards is named."""

import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from deals.services.activity import log_activity
from deals.services.extension import ask_extension
from prm.ops import invariants
from tests.deals import material

FAULTS = {
    "a status that no step table knows": "UPDATE partners_partner SET status = 'gone' WHERE name = 'Globex'",
    "waits behind nothing that is undecided": "UPDATE deals_deal SET status = 'waiting', waits_for_id = "
    "(SELECT id FROM deals_deal WHERE status = 'approved') WHERE status = 'in_review'",
    "approved and exclusive, but protected lines say otherwise": "DELETE FROM deals_protectedline",
    "not exactly one owner participant, of the deal's partner": "DELETE FROM deals_participant WHERE status = 'approved'",
    "a participant's columns differ from the deal's": "UPDATE deals_participant SET reporting_amount = 1",
    "the clock runs although nobody of ours can act": "UPDATE deals_clockrun SET stopped_at = NULL",
    "in review without a running clock or a due time": "UPDATE deals_deal SET due_at = NULL",
    "a question waits on what is not in review": "UPDATE deals_deal SET question_open = true WHERE status = 'approved'",
    "asked for on a deal that has ended, and still waiting": "UPDATE deals_deal SET status = 'lost' WHERE status = 'approved'",
    "an amount with more digits than its currency has, or without a currency": "UPDATE deals_deal SET currency = 'JPY', "
    "amount = 1.5 WHERE status = 'approved'",
    "a sale stands twice": "",  # made from the deal at hand
    "a deal without any event": "DELETE FROM audit_event WHERE noun = 'deals.deal'",
    "a customer without match keys": "UPDATE deals_customer SET match_keys = '{}'",
    "no count of customer names": "DELETE FROM deals_tokencount WHERE token = ''",
    "something alive at a merged customer": "UPDATE deals_customer SET merged_into_id = (SELECT customer_id FROM deals_deal "
    "WHERE status = 'in_review') WHERE id = (SELECT customer_id FROM deals_deal WHERE status = 'approved')",
    "merged without a merge that says so, or the other way round": "UPDATE deals_customer SET merged_into_id = "
    "(SELECT customer_id FROM deals_deal WHERE status = 'in_review') WHERE id = (SELECT customer_id FROM deals_deal "
    "WHERE status = 'approved')",
    "a partner without its role groups": "UPDATE partners_partnergroup SET role = 'visitor' WHERE role = 'technical'",
    "grants differ from the role table": "DELETE FROM partners_partnergroupobjectpermission WHERE permission_id = "
    "(SELECT id FROM auth_permission WHERE codename = 'register_deals')",
    "group members differ from the team": "UPDATE partners_membership SET role = 'sales' WHERE role = 'technical'",
    "a grant to a single user": "INSERT INTO partners_partneruserobjectpermission (user_id, content_object_id, permission_id) "
    "SELECT u.id, p.id, a.id FROM partners_user u, partners_partner p, auth_permission a WHERE a.codename = 'view_deals' LIMIT 1",
}
TABLES = ("deals_deal", "deals_participant", "audit_event", "partners_partner", "partners_membership", "deals_clockrun")


@pytest.fixture
def deals(cast):
    """One approved, one in review."""
    done = material.approved(cast.acme, cast.amir, cast.carla)
    return done, material.submitted(cast.acme, cast.amir, "Doppelmayr Seilbahnen GmbH")


def _plant(sql):
    """Past triggers and checks, which would refuse it; the test's transaction puts them back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE deals_clockrun DROP CONSTRAINT clockrun_order")
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db
def test_sound_rows_hold_every_rule(deals, capsys):
    call_command("check_invariants")
    assert capsys.readouterr().out == f"All {len(invariants.RULES)} rules hold.\n"


def test_every_rule_has_a_planted_fault():
    assert FAULTS.keys() == invariants.RULES.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("rule", FAULTS)
def test_a_planted_fault_is_named(cast, deals, rule, capsys):
    if rule.startswith("asked for"):
        log_activity(deals[0], by=cast.amir, kind="call", line="Called")
        ask_extension(deals[0], by=cast.amir, reason="They decide in May")
    _plant(FAULTS[rule] or _second_sale(deals[0]))
    with pytest.raises(SystemExit) as left:
        call_command("check_invariants")
    assert left.value.code == 1
    assert any(line.startswith(f"{rule}: ") for line in capsys.readouterr().out.splitlines())


@pytest.mark.django_db
def test_json_names_the_rule_the_count_and_some_rows(deals, capsys):
    _plant("UPDATE deals_participant SET reporting_amount = 1 WHERE status = 'approved'")
    with pytest.raises(SystemExit):
        call_command("check_invariants", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["rules"] == len(invariants.RULES)
    assert found["problems"] == [
        {"rule": "a participant's columns differ from the deal's", "count": 1, "examples": [deals[0].ref]}
    ]


def test_many_rows_are_cut_short():
    assert str(invariants.Problem("a rule", 7, ("D-1", "D-2"))) == "a rule: 7 (D-1, D-2, …)"
    assert str(invariants.Problem("a rule", 2, ("D-1", "D-2"))) == "a rule: 2 (D-1, D-2)"


def _second_sale(deal):
    columns = "id, created_at, source, order_ref, line, partner_id, customer_name, domain, ordered_on, net_amount, currency"
    row = f"now(), 'erp', 'SO1', '1', '{deal.partner_id}', '', '', '2026-01-01', {Decimal('1.00')}, 'USD'"
    return (
        "ALTER TABLE deals_sale DROP CONSTRAINT sale_once; "
        f"INSERT INTO deals_sale ({columns}) VALUES (gen_random_uuid(), {row}), (gen_random_uuid(), {row})"
    )

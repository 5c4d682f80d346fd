"""Who is the same customer; locks; one and many alike."""

import threading
import time

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deals.models import Customer, CustomerAlias, TokenCount
from deals.queries import customer as queries
from deals.services import resolution
from deals.services.customer import BUCKETS, LOCK_CLASS, buckets_of, lock_identities, resolve_customer, resolve_many
from prm.audit.models import Event
from prm.core.errors import DomainError
from prm.matching import Identity

NUMBER = "FN 123456a"


def resolve(name, domain="", country="", **more):
    return resolve_customer(Identity(name, domain=domain, country=country, **more), by=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Identity("Acme Inc.", country="US"), Identity("ACME, Incorporated", country="US")),
        (Identity("Acme", country="US"), Identity("acme")),
        (Identity("Acme"), Identity("Acme", country="US")),
        (Identity("Acme", country="US", city="Austin"), Identity("Acme", country="US", city="Boston")),
        (Identity("Acme", domain="acme.com"), Identity("Acme Holding", domain="https://www.acme.com/about")),
        (Identity("Acme", domain="acme.com", country="US"), Identity("Acme Holding", domain="acme.com")),
        (Identity("Acme", domain="acme.com"), Identity("Acme", domain="someone@gmail.com")),
        (
            Identity("Acme", country="AT", registration_number=NUMBER, domain="a.at"),
            Identity("Other", country="AT", registration_number="fn123456A", domain="b.at"),
        ),
        (Identity("😀"), Identity("😀")),
    ],
)
def test_the_same_customer(first, second):
    one, new = resolve_customer(first, by=None)
    again, newer = resolve_customer(second, by=None)
    assert (new, newer) == (True, False)
    assert one == again
    assert Customer.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Identity("Acme", country="US"), Identity("Acme", country="DE")),
        (Identity("Acme", domain="acme.com"), Identity("Acme", domain="acme.de")),
        (Identity("Acme", domain="acme.com", country="US"), Identity("Acme", domain="acme.com", country="DE")),
        (Identity("Acme", domain="x@gmail.com"), Identity("Umbrella", domain="y@gmail.com")),
        (
            Identity("Acme", country="FR", registration_number="732829320"),
            Identity("Acme", country="FR", registration_number="552100554"),
        ),
        (Identity("Acme", registration_number=NUMBER), Identity("Other", registration_number=NUMBER)),
        (Identity("Аcme"), Identity("Acme")),  # the first letter is Cyrillic
        (Identity("上海"), Identity("尚海")),  # the same in Latin letters
        (Identity("Acme (Texas)"), Identity("Acme (Ohio)")),
        (Identity("😀"), Identity("😁")),
    ],
)
def test_another_customer(first, second):
    resolve_customer(first, by=None)
    _customer, new = resolve_customer(second, by=None)
    assert new
    assert Customer.objects.count() == 2


@pytest.mark.django_db
def test_a_new_customer_is_stored_in_normal_form_with_keys_and_words_and_an_event(django_user_model):
    user = django_user_model.objects.create_user("amir@acme.test")
    where = {"country": "Austria", "city": "Dornbirn", "phone": "+43 5572 390"}
    identity = Identity("  Zumtobel  Lighting GmbH", domain="WWW.Zumtobel.com", **where)
    customer, new = resolve_customer(identity, by=user)
    assert new
    assert (customer.name, customer.core, customer.domain) == ("Zumtobel Lighting GmbH", "zumtobel lighting", "zumtobel.com")
    assert (str(customer.country), customer.city, customer.phone) == ("AT", "Dornbirn", "+43 5572 390")
    assert len(customer.match_keys) > 5
    assert dict(TokenCount.objects.values_list("token", "names")) == {"": 1, "zumtobel": 1, "lighting": 1}
    event = Event.objects.get(name="deals.customer.created")
    assert (event.actor_id, event.internal) == (str(user.pk), True)


@pytest.mark.django_db
def test_what_staff_and_imports_bring_is_learned_and_found_again():
    customer, _new = resolve("Acme", country="US")
    resolve("Acme", "acme.com", "US", city="Austin")
    before = set(Customer.objects.get().match_keys)
    resolve("Umbrella Works", "acme.com")
    customer.refresh_from_db()
    assert (customer.domain, customer.city) == ("acme.com", "Austin")
    assert [alias.core for alias in customer.aliases.all()] == ["umbrella works"]
    assert before < set(customer.match_keys)
    assert resolve("Umbrella Works", country="US") == (customer, False)
    assert TokenCount.objects.get(token="").names == 1


@pytest.mark.django_db
def test_what_a_partner_writes_is_not_learned(django_user_model):
    partner_user = django_user_model.objects.create_user("amir@acme.test")
    customer, _new = resolve("Acme", "acme.com")
    found, new = resolve_customer(Identity("Umbrella", domain="acme.com", country="US"), by=partner_user)
    customer.refresh_from_db()
    assert (found, new) == (customer, False)
    assert (str(customer.country), customer.aliases.count()) == ("", 0)
    _other, new = resolve_customer(Identity("Umbrella"), by=partner_user)
    assert new


@pytest.mark.django_db
def test_looking_only_makes_nothing():
    assert resolve_customer(Identity("Acme"), by=None, create=False) == (None, False)
    assert not Customer.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_merged_customer_answers_with_the_one_it_went_into():
    last, _new = resolve("Gamma")
    middle, _new = resolve("Beta")
    first, _new = resolve("Alpha", "alpha.com")
    Customer.objects.filter(pk=first.pk).update(merged_into=middle)
    Customer.objects.filter(pk=middle.pk).update(merged_into=last)
    assert resolve("Alpha") == (last, False)
    assert resolve("Something", "alpha.com") == (last, False)


@pytest.mark.django_db
def test_the_same_country_goes_before_the_oldest():
    resolve("Acme", domain="acme.com")
    german, _new = resolve("Acme", "acme.de", "DE")
    assert resolve("Acme", country="DE")[0] == german


@pytest.mark.django_db
def test_a_shared_host_teaches_a_bounded_number_of_names(monkeypatch):
    monkeypatch.setattr(resolution, "MAX_ALIASES", 3)
    resolve_many([Identity(f"{word} Works", domain="shared.com") for word in ("Ant", "Bee", "Cow", "Dog", "Elk", "Fox")])
    assert Customer.objects.count() == 1
    assert CustomerAlias.objects.count() == 3


@pytest.mark.django_db
def test_ten_thousand_signs_and_control_signs_do_no_harm():
    customer, new = resolve("é" * 10_000, domain="x" * 10_000, country="?" * 10_000, registration_number="1" * 10_000)
    assert new
    assert len(customer.name) <= 300
    assert resolve("é" * 10_000) == (customer, False)


@pytest.mark.django_db
def test_many_namesakes_cost_a_bounded_look(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(queries, "PER_KEY", 2)
    resolve_many([Identity("Acme", domain=f"acme{n}.com") for n in range(10)])
    assert Customer.objects.count() == 10
    with django_assert_num_queries(8):
        resolve_customer(Identity("Acme", domain="acme5.com"), by=None, learn=False)


NAMES = st.sampled_from(["Acme", "ACME Inc", "Acme Holding", "Beta Tools", "Beta-Tools Ltd", "Gamma", "Аcme", "", "GmbH"])
IDENTITIES = st.builds(
    Identity,
    name=NAMES,
    domain=st.sampled_from(["", "acme.com", "www.acme.com", "beta.de", "x@gmail.com"]),
    country=st.sampled_from(["", "US", "DE", "Germany"]),
    registration_number=st.sampled_from(["", "HRB 1", "HRB 2"]),
    city=st.sampled_from(["", "Austin", "Berlin"]),
)


def grouping(ids):
    seen = {}
    return [seen.setdefault(key, len(seen)) for key in ids]


def stored():
    fields = ("name", "core", "country", "city", "domain", "registration_number")
    rows = Customer.objects.order_by("id").values_list(*fields)
    aliases = CustomerAlias.objects.order_by("customer", "core", "domain").values_list("customer__name", "name", "core", "domain")
    return list(rows), list(aliases), dict(TokenCount.objects.values_list("token", "names"))


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(identities=st.lists(IDENTITIES, min_size=1, max_size=9), learn=st.booleans(), before=st.integers(0, 4))
def test_many_at_once_are_resolved_as_one_by_one(identities, learn, before):
    results = []
    for bulk in (True, False):
        with transaction.atomic():
            head = [resolve_customer(identity, by=None, learn=True) for identity in identities[:before]]
            rest = identities[before:]
            if bulk:
                found = resolve_many(rest, learn=learn)
            else:
                found = [(customer.pk, new) for customer, new in (resolve_customer(i, by=None, learn=learn) for i in rest)]
            ids = [customer.pk for customer, _new in head] + [key for key, _new in found]
            results.append((grouping(ids), [new for _key, new in found], stored()))
            transaction.set_rollback(True)
    assert results[0] == results[1]


def held():
    mine = "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted AND pid = pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(mine, [LOCK_CLASS])
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.django_db
def test_locks_are_few_whatever_the_number_of_identities():
    identities = [Identity(f"Company {n}", domain=f"c{n}.com") for n in range(5000)]
    lock_identities(identities)
    assert held() == set(range(BUCKETS))


@pytest.mark.django_db
def test_locks_of_one_identity():
    identity = Identity("Acme", domain="acme.com", country="US")
    lock_identities([identity])
    assert held() == buckets_of(identity)
    assert buckets_of(Identity("Acme")) <= buckets_of(identity)
    lock_identities([])


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_second_waits_and_then_finds_the_first_ones_customer():
    """Eight threads resolve the same identity in the same instant: one customer."""
    together = threading.Barrier(8)
    answers = []

    def work(number):
        together.wait()
        answers.append(resolve_customer(Identity("Acme Inc", domain=("acme.com", "")[number % 2], country="US"), by=None))
        connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({customer.pk for customer, _new in answers}) == 1
    assert sum(new for _customer, new in answers) == 1


@pytest.mark.django_db(transaction=True)
def test_a_register_that_stays_busy_is_said_so():
    release = threading.Event()
    taken = threading.Event()

    def hold():
        with transaction.atomic():
            lock_identities([Identity("Acme")])
            taken.set()
            release.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(10)
    started = time.monotonic()
    with pytest.raises(DomainError) as error, transaction.atomic():
        lock_identities([Identity("Acme")], wait_seconds=1)
    release.set()
    thread.join()
    assert error.value.key == "register_busy"
    assert time.monotonic() - started < 8
    assert not Customer.objects.exists()

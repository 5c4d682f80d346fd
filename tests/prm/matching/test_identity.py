import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.matching import Identity, clean_country, clean_domain, clean_number, is_public_mail


@pytest.mark.parametrize(
    ("raw", "domain"),
    [
        ("https://www.Acme.co.uk:8080/path?x=1", "acme.co.uk"),
        ("bob@acme.com", "acme.com"),
        ("mailto:bob@shop.acme.com", "acme.com"),
        ("user:word@acme.com", "acme.com"),
        ("http:acme.com", "acme.com"),
        ("acme.com:80", "acme.com"),
        ("acme.com.", "acme.com"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("ACME\u200b.com", "acme.com"),
        ("acme.github.io", "acme.github.io"),
        ("gmail.com", ""),
        ("bob@googlemail.com", ""),
        ("x.outlook.com", ""),
        ("localhost", ""),
        ("192.168.0.1", ""),
        ("co.uk", ""),
        ("acme..com", ""),
        ("acme.notatld", ""),
        ("😀", ""),
        ("", ""),
        (None, ""),
        ("a." * 5000 + "com", ""),
    ],
)
def test_domain(raw, domain):
    assert clean_domain(raw) == domain


def test_public_mail_is_told_apart_from_nonsense():
    assert is_public_mail("bob@gmail.com")
    assert not is_public_mail("acme.com")
    assert not is_public_mail("nonsense")
    assert not is_public_mail(None)


@pytest.mark.parametrize(
    ("raw", "country", "value", "status"),
    [
        ("FR 83 404 833 048", "FR", "404833048", "valid"),
        ("404 833 048", "FR", "404833048", "valid"),
        ("404 833 049", "FR", "404833049", "invalid"),
        ("DE136695976", "DE", "136695976", "valid"),
        ("136695978", "DE", "136695978", "invalid"),
        ("HRB 12345", "DE", "HRB12345", "unknown"),
        ("556036-0793", "SE", "5560360793", "valid"),
        ("SE556036079301", "SE", "5560360793", "valid"),
        ("NO988077917MVA", "NO", "988077917", "valid"),
        ("00445790", "GB", "445790", "unknown"),
        ("12-34", "", "1234", "unknown"),
        ("none", "US", "", "unknown"),
        ("", "US", "", "unknown"),
        (None, "", "", "unknown"),
        ("0000", "", "0", "unknown"),
        ("９１-1144442", "US", "911144442", "valid"),
    ],
)
def test_registration_number(raw, country, value, status):
    number = clean_number(raw, country)
    assert (number.value, number.status) == (value, status)
    assert number.counts == (bool(value) and status != "invalid")


def test_numbers_of_two_schemes_do_not_contradict():
    court, tax = clean_number("HRB 12345", "DE"), clean_number("DE136695976", "DE")
    assert not court.differs(tax)
    assert clean_number("HRB 1", "DE").differs(court)
    assert not clean_number("136695978", "DE").differs(tax)


COUNTRIES = {
    "Germany": "DE",
    "de": "DE",
    "UK": "GB",
    "USA": "US",
    "Côte d’Ivoire": "CI",
    "ZZ": "",
    "Atlantis": "",
    "": "",
    None: "",
}


@pytest.mark.parametrize(("raw", "code"), COUNTRIES.items())
def test_country(raw, code):
    assert clean_country(raw) == code


def test_places():
    a = Identity("A", city="Seattle, Washington", street="5 Main Street", postcode="98-101", phone="+1 (206) 555-0123")
    b = Identity("B", city="SEATTLE", street="Main St. 5", postcode="98 101", phone="001 206 5550123")
    assert a.places == {"city": "seattle", "street": "5 main st", "postcode": "98101", "phone": "065550123"}
    assert a.places["city"] == b.places["city"]
    assert a.places["street"] == b.places["street"]
    assert a.places["phone"] == b.places["phone"]
    assert Identity("C").places == {}


def test_aliases_are_limited():
    assert len(Identity("A", aliases=tuple(f"Alias{n}" for n in range(500))).names) == 13


@settings(max_examples=150)
@given(st.text(max_size=60), st.text(max_size=4))
def test_any_text_is_survived(text, country):
    identity = Identity(text, text, country, text, text, text, text, text, text, (text,), (text,))
    assert identity.clean_country == "" or len(identity.clean_country) == 2
    assert identity.number.status in ("valid", "invalid", "unknown")
    assert clean_domain(clean_domain(text)) == clean_domain(text)
    assert identity.places == identity.places
    assert identity.names is identity.names


@settings(max_examples=150)
@given(
    st.text(alphabet="0123456789 -.ABDEFR", max_size=16), st.sampled_from(["DE", "FR", "SE", "NO", "GB", "US", "FI", "IT", ""])
)
def test_cleaning_a_number_twice_is_cleaning_once(raw, country):
    once = clean_number(raw, country)
    assert clean_number(once.value, country).value == once.value

"""The portal in German, Spanish and Indonesian: whole catalogues, and pages, figures and mails that use them."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from babel.messages.mofile import write_mo
from django.db.migrations.state import ModelState
from django.urls import reverse
from django.utils import formats, translation

from deals.models import Deal
from deals.services.deal import LineFacts
from partners.models import User
from prm.boot.setup import compile_catalogues
from prm.mail.models import Message
from prm.ops import messages
from tests.deals.material import product, submitted

LANGUAGES = ["de", "es", "id"]
PLACES = re.compile(r"%\(\w+\)[-+ #0-9.]*[a-zA-Z]|%%|</?\w+[^>]*>")
FORMS = {"de": 2, "es": 2, "id": 1}


@pytest.fixture(scope="module")
def found():
    return messages.collect()


@pytest.fixture(scope="module", autouse=True)
def compiled():
    compile_catalogues()


def texts(words):
    return [words] if isinstance(words, str) else list(words)


def name_of(message):
    return f"{message.context or ''} {texts(message.id)[0]!r}"


def test_every_language_of_the_settings_has_a_catalogue():
    assert messages.languages() == LANGUAGES
    assert all(messages.catalogue_path(language).exists() for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_said_is_translated(found, language):
    catalogue = messages.read(language)
    wanted = [message for message in found if message.id]
    assert len(wanted) > 1000
    lacking = [name_of(message) for message in wanted if catalogue.get(message.id, message.context) is None]
    assert not lacking, "run `make messages` and translate: " + ", ".join(lacking)
    assert not [name_of(message) for message in messages.missing(catalogue)]
    assert not [name_of(message) for message in catalogue if message.id and message.fuzzy]
    assert not [name_of(message) for message in wanted if message.pluralizable != known(catalogue, message).pluralizable]


def known(catalogue, message):
    return catalogue.get(message.id, message.context)


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_markup_and_edges_are_kept(language):
    wrong = []
    for message in messages.read(language):
        sources = texts(message.id)
        for form, text in enumerate(texts(message.string) if message.id else []):
            source = sources[-1] if FORMS[language] == 1 else sources[min(form, len(sources) - 1)]
            same_edges = (source[:1].isspace(), source[-1:].isspace()) == (text[:1].isspace(), text[-1:].isspace())
            if sorted(set(PLACES.findall(source))) != sorted(set(PLACES.findall(text))) or not same_edges:
                wrong.append((name_of(message), text))
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_compiles_and_has_its_plural_forms(language):
    catalogue = messages.read(language)
    assert not [(name_of(message), errors) for message, errors in catalogue.check()]
    assert catalogue.num_plurals == FORMS[language]
    assert {len(message.string) for message in catalogue if message.id and message.pluralizable} == {FORMS[language]}
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    assert compiled.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_collecting_again_changes_no_byte(found, language, monkeypatch, tmp_path):
    before = messages.catalogue_path(language).read_bytes()
    again = messages.merged(language, found)
    monkeypatch.setattr(messages, "catalogue_path", lambda _language: tmp_path / "django.po")
    messages.write(again)
    assert (tmp_path / "django.po").read_bytes() == before, "run `make messages`"
    assert b"#:" not in before
    assert b"POT-Creation-Date" not in before


def test_nothing_is_lost_when_a_language_is_new(found, monkeypatch, tmp_path):
    monkeypatch.setattr(messages, "catalogue_path", lambda language: tmp_path / language / "django.po")
    messages.write(messages.merged("de", found))
    assert len(messages.missing(messages.read("de"))) == len(found)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Sign in", "Mail me a sign-in code", "No account yet?"]),
        ("de", ["Anmelden", "Anmeldecode per E-Mail senden", "Noch kein Konto?"]),
        ("es", ["Iniciar sesión", "Enviarme un código de acceso por correo", "¿Aún no tiene cuenta?"]),
        ("id", ["Masuk", "Kirimi saya kode masuk lewat email", "Belum punya akun?"]),
    ],
)
def test_the_sign_in_page(client, db, language, words):
    page = client.get(reverse("account_login"), headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}"' in page
    for word in words:
        assert word in page


@pytest.mark.parametrize(
    ("language", "words", "figure"),
    [
        ("en", ["Deals", "Expected close", "In review", "Register a deal"], "1,234,567.50"),
        ("de", ["Deals", "Erwarteter Abschluss", "In Prüfung", "Deal registrieren"], "1.234.567,50"),
        ("es", ["Oportunidades", "Cierre previsto", "En revisión", "Registrar una oportunidad"], "1\xa0234\xa0567,50"),
        ("id", ["Deal", "Perkiraan penutupan", "Dalam peninjauan", "Registrasikan deal"], "1.234.567,50"),
    ],
)
def test_the_deals_list_with_days_and_money(client, cast, language, words, figure):
    deal = submitted(cast.acme, cast.amir, lines=[LineFacts(product(), 1, Decimal("1234567.50"))])
    User.objects.filter(pk=cast.amir.pk).update(language=language)
    client.force_login(User.objects.get(pk=cast.amir.pk))
    page = client.get(reverse("deals:list")).content.decode()
    for word in [*words, figure]:
        assert word in page
    with translation.override(language):
        pattern = {"en": "j M Y", "de": "j. M Y", "es": "j M Y", "id": "j M Y"}[language]
        assert formats.date_format(deal.expected_close, pattern) in page


def test_each_reads_the_mail_in_the_own_language(cast):
    """Also the words that Python puts into the mail, and although a third language is active while it is written."""
    User.objects.filter(pk=cast.amir.pk).update(language="es")
    User.objects.filter(pk=cast.alice.pk).update(language="de")
    amir, alice = User.objects.get(pk=cast.amir.pk), User.objects.get(pk=cast.alice.pk)
    with translation.override("id"):
        submitted(cast.acme, amir)
        again = submitted(cast.acme, alice)
    assert Deal.objects.get(pk=again.pk).status == "declined"
    in_spanish = Message.objects.get(template="deals.deal_received", recipient_id=amir.pk)
    assert in_spanish.body.subject.startswith("Hemos recibido su registro")
    assert "Lo decide una persona antes de" in in_spanish.body.text
    in_german = Message.objects.get(template="deals.deal_declined", recipient_id=alice.pk)
    assert in_german.body.subject.startswith("Abgelehnt")
    assert "Ihr eigenes Unternehmen hat das schon registriert." in in_german.body.text
    assert "Was übereinstimmte: Name" in in_german.body.text


@pytest.mark.parametrize(
    ("language", "one", "five"),
    [("de", "1 Entwurf angelegt.", "5 Entwürfe angelegt."), ("es", "1 borrador creado.", "5 borradores creados.")],
)
def test_one_and_many(language, one, five):
    with translation.override(language):
        said = [translation.ngettext("%(n)d draft made.", "%(n)d drafts made.", n) % {"n": n} for n in (1, 5)]
    assert said == [one, five]


def test_names_of_models_fields_and_apps_follow_the_reader(client, cast, settings):
    settings.REQUIRE_STAFF_MFA = False
    submitted(cast.acme, cast.amir)
    for language, words in {
        "en": ["Staff members", "Last seen on", "7 memberships", "Catalog"],
        "de": ["Mitarbeitende beim Hersteller", "Zuletzt hier am", "7 Mitgliedschaften", "Katalog"],
        "id": ["Anggota staf", "Terakhir di sini pada", "7 keanggotaan", "Katalog"],
    }.items():
        User.objects.filter(pk=cast.carla.pk).update(language=language)
        client.force_login(User.objects.get(pk=cast.carla.pk))
        page = client.get(reverse("admin:partners_membership_changelist")).content.decode()
        for word in words:
            assert word in page, (language, word)


def test_migrations_do_not_see_the_names():
    assert Deal._meta.get_field("reporting_amount").deconstruct()[3].get("verbose_name") is None
    assert "verbose_name" not in ModelState.from_model(Deal).options

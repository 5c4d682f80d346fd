from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import lucide
import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone, translation

from prm.web.components import fields, formats, icons, status


class Form(forms.Form):
    name = forms.CharField(help_text="As on the order.")
    nature = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    agree = forms.BooleanField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput)


def render(source, **context):
    return Template("{% load prm %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "code", "language", "text"),
    [
        (Decimal("1234567.5"), "USD", "en", "1,234,567.50"),
        (Decimal("1234567.5"), "EUR", "de", "1.234.567,50"),
        (Decimal("99000"), "JPY", "en", "99,000"),
        (Decimal("-12.345"), "KWD", "en", "-12.345"),
        (Decimal("1"), "???", "en", "1.00"),
    ],
)
def test_money_has_the_digits_of_its_currency(value, code, language, text):
    with translation.override(language):
        assert formats.amount(value, code) == text


def test_money_is_one_line_with_its_code():
    assert formats.money(Decimal("5"), "USD") == '<span class="money">5.00 <span class="code">USD</span></span>'
    assert formats.money(Decimal("1999.6"), "USD", whole=True) == '<span class="money">2,000 <span class="code">USD</span></span>'
    assert formats.money(None, "USD") == formats.NOTHING == formats.day(None) == formats.moment(None)
    assert formats.number(None) == "" and formats.number(1234) == "1,234"


def test_days_and_moments_are_the_readers():
    moment = datetime(2026, 1, 2, 20, 0, tzinfo=UTC)
    with timezone.override("Asia/Jakarta"):
        assert formats.moment_text(moment) == "3 Jan 2026, 03:00"
        assert formats.day_text(moment) == "3 Jan 2026"
        assert 'title="Asia/Jakarta"' in formats.moment(moment)
    assert formats.day(date(2026, 5, 4)) == '<time datetime="2026-05-04">4 May 2026</time>'


def test_a_badge_is_text_icon_and_colour():
    html = status.badge("won", "Won")
    assert html.startswith('<span class="status status-good"><svg') and html.endswith("</svg>Won</span>")
    assert "&lt;b&gt;" in status.badge("odd", "<b>") and "status-neutral" in status.badge("odd", "<b>")
    assert "status-late" in status.badge("won", "Won", tone="late", icon="clock")
    assert "In review" in status.badge("in_review")


def test_every_status_has_an_icon_that_exists():
    for tone, icon in status.LOOKS.values():
        assert tone in {"neutral", "info", "wait", "good", "bad", "late"}
        assert "<svg" in icons.icon(icon)
    with pytest.raises(lucide.IconDoesNotExist):
        icons.icon("no-such-icon")


def test_a_field_ties_label_help_error_and_control():
    form = Form({"name": "", "nature": "x"})
    html = fields.field(form["name"])
    for part in (
        'for="id_name"',
        'id="id_name_helptext"',
        'id="id_name_error"',
        'aria-describedby="id_name_helptext id_name_error"',
        'aria-invalid="true"',
    ):
        assert part in html
    assert "<fieldset" in fields.field(form["nature"]) and "<legend" in fields.field(form["nature"])
    assert 'class="form-check"' in fields.field(form["agree"])
    assert fields.field(form["secret"]).startswith("<input")
    assert 'aria-label="Name of A &amp; B"' in fields.cell(form["name"], "Name of A & B")
    assert fields.cell(form["secret"], "x").startswith('<input type="hidden"')


def test_the_summary_links_to_the_fields():
    form = Form({"name": "", "nature": "x"})
    form.add_error(None, "Both <sides>")
    html = fields.error_summary(form)
    assert 'href="#id_name"' in html and 'href="#id_nature_0"' in html
    assert "Both &lt;sides&gt;" in html and 'tabindex="-1"' in html
    assert "Secret: " in html and 'href="#id_secret"' not in html
    assert fields.error_summary(Form(), None) == ""
    rows = forms.formset_factory(Form)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": "", "form-0-nature": "a", "form-0-secret": "s"}
    )
    assert rows.is_valid() or 'href="#id_form-0-name"' in fields.error_summary(rows)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=4), "4 days left"),
        (timedelta(hours=6, minutes=1), "6 h left"),
        (timedelta(minutes=5), "less than an hour left"),
        (timedelta(hours=-30), "Late, 3 days credited"),
    ],
)
def test_the_clock_says_how_much_is_left(left, words):
    due = datetime(2026, 1, 2, 20, 0, tzinfo=UTC)
    html = render("{% clock due late_days=3 left=left %}", due=due, left=left)
    assert words in html and "2 Jan 2026, 20:00" in html


def test_the_clock_stands_still_or_is_silent():
    assert "Paused" in render("{% clock due stopped='Paused' %}", due=None)
    assert render("{% clock due %}", due=None).strip() == ""
    assert "days left" in render("{% clock due %}", due=timezone.now() + timedelta(days=5))


def test_a_row_of_components_is_cheap():
    import time

    template = Template("{% load prm %}{% for n in rows %}{% badge 'won' 'Won' %}{% money n 'USD' %}{{ when|day }}{% endfor %}")
    context = Context({"rows": [Decimal(n) for n in range(25)], "when": date(2026, 1, 2)})
    template.render(context)
    best = min(_timed(template, context, time.perf_counter) for _ in range(5))
    assert best < 0.05  # a loose fence against a template include per row; about 1 ms here


def _timed(template, context, clock):
    start = clock()
    template.render(context)
    return clock() - start

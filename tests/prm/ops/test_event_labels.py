"""Every event that the code can write has words."""

import ast
import re

from django.utils.translation import override

from prm.ops.event_labels import GROUPS, LABELS, choices, label_of, noun_label
from tests.architecture.source import python_files

NAME = re.compile(r"(partners|programs|deals|mdf|mail|record|catalog|people|home|ops)\.[a-z_]+\.[a-z_]+")
CODE = [file for file in python_files() if not file.path.startswith(("prm/ops/event_labels", "prm/ops/bench"))]


def literals(node):
    """Texts that an expression can be: one of a choice of two, too."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return [*literals(node.body), *literals(node.orelse)] if isinstance(node, ast.IfExp) else []


def calls_of(name):
    return [
        call
        for file in CODE
        for call in file.calls()
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in (name, f"services.{name}")
    ]


def spelt_out(file, function):
    """Names made in a function as f"area.noun.{argument}", from what its callers pass."""
    arguments = [argument.arg for argument in function.args.args]
    for node in ast.walk(function):
        if not (isinstance(node, ast.JoinedStr) and len(node.values) == 2 and isinstance(node.values[0], ast.Constant)):
            continue
        start, what = node.values[0].value, getattr(node.values[1], "value", None)
        if not NAME.fullmatch(f"{start}x") or getattr(what, "id", "") not in arguments:
            continue
        place = arguments.index(what.id)
        calls = calls_of(function.name) if not function.name.startswith("_") else [
            call for call in file.calls() if getattr(call.func, "id", "") == function.name
        ]  # fmt: skip
        for call in calls:
            yield from (start + text for text in (literals(call.args[place]) if len(call.args) > place else ()))


def written():
    """Full names in services and step tables, and those put together."""
    for file in CODE:
        for node in file.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
                if file.layer in ("services", "enums") or "/services" in file.path:
                    yield node.value
            elif isinstance(node, ast.FunctionDef):
                yield from spelt_out(file, node)


def test_every_event_in_code_has_a_label():
    names = set(written())
    assert {"deals.deal.submitted", "deals.change_request.asked", "partners.user.address_changed"} <= names, "it finds them"
    assert sorted(names - set(LABELS)) == [], "give them words in prm/ops/event_labels.py"


def test_the_security_events_that_signals_pass_on_have_labels():
    from partners.sign_in.signals import CHANGES

    assert {f"partners.user.{event}" for _signal, event in CHANGES} <= set(LABELS)


def test_labels_are_words_in_every_language_and_grouped(settings):
    assert sorted(name for _area, known in choices() for name, _label in known) == sorted(LABELS)
    assert {name.partition(".")[0] for name in LABELS} == set(GROUPS)
    for language, _name in settings.LANGUAGES:
        with override(language):
            assert all("." not in label_of(name) for name in LABELS)


def test_what_is_not_known_any_more_keeps_its_code():
    assert (label_of("deals.deal.forgotten"), noun_label("deals.nothing"), noun_label("x")) == (
        "deals.deal.forgotten", "deals.nothing", "x",
    )  # fmt: skip
    assert noun_label("deals.deal") == "Deal"

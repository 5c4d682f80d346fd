"""Form fields with label, help and error tied together; the error summary that links to them."""

from collections.abc import Iterable

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from prm.web.components.icons import icon

EMPTY = mark_safe("")


def control_class(bound: BoundField) -> str:
    """The Tabler class the widget wants."""
    widget = bound.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choice"
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"


def widget(bound: BoundField, **attrs: object) -> SafeString:
    """The control itself, with its class (kept beside the widget's own) and its state."""
    own = bound.field.widget.attrs.get("class", "")
    attrs["class"] = " ".join(filter(None, [own, control_class(bound), "is-invalid" if bound.errors else ""]))
    return bound.as_widget(attrs={key.replace("_", "-"): value for key, value in attrs.items()})


def error_text(bound: BoundField) -> SafeString:
    """The field's errors as one paragraph, under the id the control's aria-describedby names."""
    if not bound.errors:
        return EMPTY
    return format_html(
        '<p class="field-error" id="{}_error">{}<span><span class="visually-hidden">{}</span>{}</span></p>',
        bound.auto_id,
        icon("circle-alert"),
        gettext("Error: "),
        " ".join(str(error) for error in bound.errors),
    )


def _label(bound: BoundField, label: object) -> SafeString:
    text = capfirst(str(label or bound.label))
    needed = getattr(bound.field, "needed", bound.field.required)  # a draft may lack what submitting needs
    if needed or bound.field.disabled or isinstance(bound.field.widget, forms.CheckboxInput):
        return format_html("{}", text)
    return format_html('{} <span class="optional">({})</span>', text, gettext("optional"))


def _help(bound: BoundField) -> SafeString:
    if not bound.help_text:
        return EMPTY
    return format_html('<div class="form-hint" id="{}_helptext">{}</div>', bound.auto_id, mark_safe(str(bound.help_text)))  # noqa: S308 - our own text


def field(bound: BoundField, label: object = "", css: str = "", **attrs: object) -> SafeString:
    """One field: label, help, error, control; a hidden field gives only its input."""
    if bound.is_hidden:
        return bound.as_widget()
    parts = (_label(bound, label), _help(bound), error_text(bound), widget(bound, **attrs))
    box = f"field {css}{' has-error' if bound.errors else ''}".strip()
    if isinstance(bound.field.widget, forms.CheckboxInput):
        text, hint, error, control = parts
        line = '<div class="{}">{}<label class="form-check">{} <span>{}</span></label>{}</div>'
        return format_html(line, box, error, control, text, hint)
    if bound.use_fieldset:
        return format_html('<fieldset class="{}"><legend class="form-label">{}</legend>{}{}{}</fieldset>', box, *parts)
    line = '<div class="{}"><label class="form-label" for="{}">{}</label>{}{}{}</div>'
    return format_html(line, box, bound.id_for_label, *parts)


def cell(bound: BoundField, label: object, **attrs: object) -> SafeString:
    """A control for a table cell: its name is spoken, not shown; errors stand under it."""
    if bound.is_hidden:
        return bound.as_widget()
    return format_html("{}{}", widget(bound, aria_label=str(label), **attrs), error_text(bound))


def form_fields(form: forms.BaseForm) -> SafeString:
    """Every field of the form in order."""
    return format_html_join("", "{}", ((field(bound),) for bound in form))


def _targets(form: forms.BaseForm) -> Iterable[tuple[str, str]]:
    for error in form.non_field_errors():
        yield "", str(error)
    for bound in form:
        for error in bound.errors:
            text = f"{capfirst(str(bound.label))}: {error}"
            first = f"{bound.auto_id}_0" if bound.use_fieldset else bound.id_for_label or bound.auto_id
            yield ("" if bound.is_hidden else first), text


def _line(target: str, text: str) -> SafeString:
    return format_html('<a href="#{}">{}</a>', target, text) if target else format_html("<span>{}</span>", text)


def error_summary(*forms_: object) -> SafeString:
    """What must be put right, each line linking to its field; takes forms and formsets, nothing when all is well."""
    lines: list[tuple[str, str]] = []
    for item in forms_:
        if isinstance(item, forms.BaseFormSet):
            lines += [("", str(error)) for error in item.non_form_errors()] if item.is_bound else []
            lines += [line for form in item.forms if form.is_bound for line in _targets(form)]
        elif isinstance(item, forms.BaseForm) and item.is_bound:
            lines += _targets(item)
    if not lines:
        return EMPTY
    items = ((_line(target, text),) for target, text in lines)
    return format_html(
        '<div class="error-summary" role="alert" tabindex="-1" data-error-summary><h2>{}{}</h2><ul>{}</ul></div>',
        icon("circle-alert", 18),
        ngettext("Please put one thing right", "Please put %(n)s things right", len(lines)) % {"n": len(lines)},
        format_html_join("", "<li>{}</li>", items),
    )

"""The laws of ARCHITECTURE.md for templates. Each takes a Template and yields what is wrong and what to do instead."""

import re
from collections.abc import Iterator

from tests.architecture.source import Template

PAGE_CAP, PARTIAL_CAP = 200, 80
TAG = re.compile(r"<[a-z][^<>]*>", re.IGNORECASE | re.DOTALL)
TEMPLATE_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>", re.IGNORECASE)
DATA_SCRIPT = re.compile(r'type="application/(ld\+)?json"')
HANDLER = re.compile(r"""\s(on[a-z]+|hx-on[:a-z-]*)\s*=""", re.IGNORECASE)
STYLE = re.compile(r"\sstyle\s*=", re.IGNORECASE)

Findings = Iterator[str]


def is_mail(template: Template) -> bool:
    """Mail clients know no style sheets: mail templates may carry a <style> element, which is inlined when sent."""
    return bool({"mail", "emails", "email"} & set(template.path.split("/")))


def template_size(template: Template) -> Findings:
    name = template.path.rsplit("/", 1)[-1]
    cap = PARTIAL_CAP if name.startswith("_") or "/components/" in template.path else PAGE_CAP
    lines = template.text.count("\n")
    if lines > cap:
        yield f"{lines} lines, the cap is {cap}: move a part into a partial or component"


def no_inline_script(template: Template) -> Findings:
    for script in SCRIPT.finditer(template.text):
        attributes = script["attributes"]
        if not re.search(r"\bsrc\s*=", attributes) and not DATA_SCRIPT.search(attributes):
            yield "inline <script>: the content security policy refuses it; put it in static/js, hand data over by json_script"
    for tag in _tags(template):
        if HANDLER.search(tag) or "javascript:" in tag.lower():
            yield f"inline handler in {tag[:60]}: the content security policy refuses it; listen from static/js"


def no_inline_style(template: Template) -> Findings:
    if is_mail(template):
        return
    if re.search(r"<style\b", template.text, re.IGNORECASE):
        yield "inline <style>: the content security policy refuses it; put it in static/css"
    for tag in _tags(template):
        if STYLE.search(tag):
            yield f'style="…" in {tag[:60]}: the content security policy refuses it; use a class'


def no_unescaped(template: Template) -> Findings:
    if template.path.endswith(".txt"):
        return
    if re.search(r"\|\s*safe\b|\{%\s*autoescape\s+off", template.text):
        yield "unescaped output: make safe HTML where it is made (nh3, format_html), never in the template"


def no_permissions(template: Template) -> Findings:
    if re.search(r"\{[{%][^}%]*\b(perms\.|user\.(has_perm|is_superuser))", template.text):
        yield "templates get booleans and reasons from the view, never permissions"


def _tags(template: Template) -> list[str]:
    plain = TEMPLATE_CODE.sub(" ", template.text)
    return TAG.findall(plain)


LAWS = [template_size, no_inline_script, no_inline_style, no_unescaped, no_permissions]

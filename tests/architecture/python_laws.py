"""The laws of ARCHITECTURE.md for Python files. Each takes a Source and yields "line: what is wrong and what to do instead"."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import APPS, Source

FILE_CAP, FUNCTION_CAP, VIEW_CAP, TEST_FILE_CAP = 400, 60, 30, 700
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "stuff", "tools"}
INNER = {"services", "emails", "queries", "reports", "rules", "models", "enums"}
READERS = {"queries", "reports", "rules"}
PRIVATE = {"views", "forms", "filters", "admin", "tasks", "emails"}
HTTP = ("django.http", "django.shortcuts", "django.contrib.messages", "prm.web.rendering", "prm.web.guards", "prm.web.shell")
SIGNALS = re.compile(r"^(django\.dispatch|(?!(prm|partners|programs|deals|mdf)\.).*\.signals)(\.|$)")
ADAPTERS = {"partners/sign_in/signals.py"}
GUARDIAN_HOMES = {"rules", "queries", "services", "models"}
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}

Findings = Iterator[str]


def file_size(source: Source) -> Findings:
    lines = source.text.count("\n")
    if lines > FILE_CAP:
        yield f"{lines} lines, the cap is {FILE_CAP}: turn the file into a folder of one file per noun"


def function_size(source: Source) -> Findings:
    for node in source.nodes:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or 0) - node.lineno + 1
        first = node.args.args[0].arg if node.args.args else ""
        cap = VIEW_CAP if source.layer == "views" and first == "request" else FUNCTION_CAP
        if lines > cap:
            yield f"{node.lineno}: {node.name} has {lines} lines, the cap is {cap}: give its parts names of their own"


def plain_names(source: Source) -> Findings:
    for part in source.parts:
        if part in VAGUE:
            yield f"a file or folder named {part} says nothing: name it after the noun or the one thing it does"


def no_star_imports(source: Source) -> Findings:
    for line, name in source.imports():
        if name.endswith(".*"):
            yield f"{line}: star import of {name[:-2]}: import the names, so that a reader finds where they come from"


def no_signals(source: Source) -> Findings:
    if source.parts[-1].endswith(("adapter", "adapters")) or source.path in ADAPTERS:
        return
    for line, name in source.imports():
        if SIGNALS.match(name):
            yield f"{line}: {name}: no signals as wiring: call the service; a third party's signal is received in an adapter"


def no_save_logic(source: Source) -> Findings:
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name in {"save", "save_m2m"}:
                    yield f"{inner.lineno}: {node.name}.save: no logic in save(); write a service `verb_noun(obj, *, by)`"


def status_by_step(source: Source) -> Findings:
    if source.app in {"prm.core", "prm.ops"}:
        return
    born = _born_here(source)
    for node in source.nodes:
        stored = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr == "status"
        if stored and node.lineno not in born:
            yield f"{node.lineno}: a status is never set by attribute: `take(STEPS[…], obj, …)` from prm.core.states"
    for call in source.calls():
        if ast.unparse(call.func) == "setattr" and len(call.args) == 3 and ast.unparse(call.args[1]) in {"'status'", '"status"'}:
            yield f"{call.lineno}: a status is never set by attribute: `take(STEPS[…], obj, …)` from prm.core.states"


def _born_here(source: Source) -> set[int]:
    """Lines that assign to an attribute of a row made in the same function, which has no status to come from."""
    lines: set[int] = set()
    for function in source.nodes:
        if not isinstance(function, ast.FunctionDef):
            continue
        inside = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
        made = {ast.unparse(node.targets[0]) for node in inside if re.match(r"[A-Z]\w*\(", ast.unparse(node.value))}
        lines |= {node.lineno for node in inside if ast.unparse(node.targets[0]).rpartition(".")[0] in made}
    return lines


def views_without_orm(source: Source) -> Findings:
    if source.layer != "views":
        return
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}:
            yield f"{node.lineno}: a view does not touch the ORM: read through queries (the door), write through services"
        if isinstance(node, ast.Call) and re.search(r"(?<!session)\.(save|bulk_create)$", ast.unparse(node.func)):
            yield f"{node.lineno}: a view does not save: call one service"
        if isinstance(node, ast.Name) and node.id in {"get_object_or_404", "get_list_or_404"}:
            yield f"{node.lineno}: {node.id} goes past the door: `queries.get_<noun>(request.user, ref)`"


def ignore_only_in_ops(source: Source) -> Findings:
    if source.app == "prm.ops":
        return
    for node in source.nodes:
        named = isinstance(node, ast.Attribute) and ast.unparse(node) == "pgtrigger.ignore"
        spelled = isinstance(node, ast.Constant) and isinstance(node.value, str) and "pgtrigger.ignore" in node.value
        if (named or spelled) and not (spelled and source.app == "prm.core"):
            yield f"{node.lineno}: pgtrigger.ignore is for prm.ops only (seeding): elsewhere the guards hold"
    for line, name in source.imports():
        if name == "pgtrigger.ignore":
            yield f"{line}: pgtrigger.ignore is for prm.ops only (seeding): elsewhere the guards hold"


def guardian_at_home(source: Source) -> Findings:
    if source.app == "partners" and source.layer in GUARDIAN_HOMES:
        return
    for line, name in source.imports():
        if name.split(".")[0] == "guardian":
            yield f"{line}: only partners' inner layers call guardian: use partners.rules.may or partners.queries"


def no_request_splat(source: Source) -> Findings:
    for call in source.calls():
        for keyword in call.keywords:
            if keyword.arg is None and re.search(
                r"request\.(GET|POST)|\.(GET|POST)\.(dict|items)\(\)", ast.unparse(keyword.value)
            ):
                yield f"{call.lineno}: what a visitor sends never becomes keyword arguments: clean it in a form or filter first"


def inner_layers_know_no_http(source: Source) -> Findings:
    if source.layer not in INNER or source.app == "prm.web":
        return
    for line, name in source.imports():
        if name.startswith(HTTP):
            yield f"{line}: {name}: {source.layer} know nothing of HTTP; raise a DomainError and let the view answer"
    for node in source.nodes:
        if isinstance(node, ast.arg) and _is_request(node):
            yield f"{node.lineno}: {source.layer} take values, not the request"


def _is_request(argument: ast.arg) -> bool:
    """`request` without a type, or an HttpRequest by any name (an MDF request is called request too, with its type)."""
    if argument.annotation is None:
        return argument.arg == "request"
    return "HttpRequest" in ast.unparse(argument.annotation)


def readers_do_not_write(source: Source) -> Findings:
    if source.layer not in READERS:
        return
    for call in source.calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        chain = ast.unparse(call.func)
        if call.func.attr in WRITES or (call.func.attr in {"update", "delete"} and (".objects" in chain or ".filter(" in chain)):
            yield f"{call.lineno}: {source.layer} do not write ({call.func.attr}): every write is a service"


def forms_do_not_save(source: Source) -> Findings:
    if source.layer not in {"forms", "filters"}:
        return
    for call in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
            yield f"{call.lineno}: forms shape and clean input; the view passes cleaned_data to one service"


def enums_import_core_only(source: Source) -> Findings:
    if source.layer != "enums":
        return
    for line, name in source.imports():
        top = name.split(".")[0]
        if name.startswith(".") or (top in {"prm", *APPS} and not name.startswith("prm.core")):
            yield f"{line}: enums import nothing of ours but prm.core (found {name})"


def public_face(source: Source) -> Findings:
    """Other apps see models, enums, rules, queries, reports and services of an app, nothing else."""
    for line, name in source.imports():
        parts = name.split(".")
        app = ".".join(parts[:2]) if parts[0] == "prm" else parts[0]
        inside = parts[2:] if parts[0] == "prm" else parts[1:]
        if app in APPS and app != source.app and inside and inside[0] in PRIVATE and source.path != "prm/urls.py":
            yield f"{line}: {app}.{inside[0]} is private to {app}: use its models, enums, rules, queries, reports or services"


def no_eta(source: Source) -> Findings:
    for call in source.calls():
        for keyword in call.keywords:
            if keyword.arg == "eta":
                yield f"{call.lineno}: no ETA: store the due date in a row and let a sweep of prm/schedule.py find it"


def one_schedule(source: Source) -> Findings:
    if source.path == "prm/schedule.py":
        return
    for line, name in source.imports():
        if name.startswith("celery.schedules"):
            yield f"{line}: all schedules stand in prm/schedule.py"


def doorbell_only(source: Source) -> Findings:
    if source.path == "prm/core/doorbell.py":
        return
    for call in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"delay", "apply_async", "send_task", "delay_on_commit"}:
            yield f"{call.lineno}: ring prm.core.doorbell.ring(name, *ids): after commit, by name, robust"


def nothing_left_for_later(source: Source) -> Findings:
    for number, line in enumerate(source.text.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line) and not source.path.endswith("python_laws.py"):
            yield f"{number}: finish it or file an issue; the code carries no reminders"


def test_file_size(source: Source) -> Findings:
    lines = source.text.count("\n")
    if lines > TEST_FILE_CAP:
        yield f"{lines} lines, the cap is {TEST_FILE_CAP}: split by what is tested"


def no_mocks(source: Source) -> Findings:
    for line, name in source.imports():
        if name.split(".")[0] == "mock" or name.startswith("unittest.mock"):
            yield f"{line}: no mocks of our own code: use the real thing, a fake at the system's edge, or monkeypatch a setting"


test_file_size.__test__ = False

LAWS = [
    file_size, function_size, plain_names, no_star_imports, no_signals, no_save_logic, status_by_step, views_without_orm,
    ignore_only_in_ops, guardian_at_home, no_request_splat, inner_layers_know_no_http, readers_do_not_write, forms_do_not_save,
    enums_import_core_only, public_face, no_eta, one_schedule, doorbell_only, nothing_left_for_later,
]  # fmt: skip
TEST_LAWS = [test_file_size, plain_names, no_star_imports, no_mocks, nothing_left_for_later]

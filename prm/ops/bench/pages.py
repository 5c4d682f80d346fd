"""List and detail pages as a member of a small partner, of the largest, and the deal desk see them; at several sizes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from deals.models import Deal, Participant
from partners.models import User
from prm.ops.bench import measure
from prm.ops.bench.scratch import copy_of, scratch
from prm.ops.scale.load import load
from prm.web.keyset_token import dump

PAGE, DEEP = 25, 1000
QUERIES_AT_MOST = 12
FLOOR, FLOOR_RATIO, GROWTH_AT_MOST = "floor", 4.0, 1.3
CHIPS = ("todo", "undecided", "approved", "won", "declined", "ended")
SORTS = {"newest": "sort_at", "until": "protected_until", "amount": "reporting_amount", "close": "expected_close"}
SHOWS = ("clear", "review", "overdue", "question")
Tell = Callable[[str], None]


def run(sizes: Sequence[int], count: int, tell: Tell) -> dict[str, Any]:
    """Seed, measure and drop a database for each size; answers the report."""
    results: dict[int, dict[str, Any]] = {}
    with scratch() as template:
        for size in sorted(sizes):
            with copy_of(template), _as_served():
                network = load(size, tell=partial(_tell, tell, size))
                results[size] = {role: _measure(role, user, count) for role, user in network.people.items()}
                _tell(tell, size, "measured")
    return _report(results, count, measure.is_quiet())


def _tell(tell: Tell, size: int, text: str) -> None:
    tell(f"{size:,}: {text}")


@contextmanager
def _as_served() -> Iterator[None]:
    """As in production, but for the second factor, which no measurement can type, and the log."""
    logging.disable(logging.WARNING)
    try:
        with override_settings(ROOT_URLCONF="prm.ops.bench.floor", REQUIRE_STAFF_MFA=False):
            yield
    finally:
        logging.disable(logging.NOTSET)


def _measure(role: str, user: User, count: int) -> dict[str, Any]:
    client = Client(raise_request_exception=True)
    client.force_login(user, backend="partners.sign_in.backend.EmailBackend")
    addresses = _desk_pages() if role == "desk" else _partner_pages(user)
    seen = {name: _seen(client, address) for name, address in addresses.items()}
    times = measure.rounds({name: partial(client.get, address) for name, address in addresses.items()}, count)
    floor = measure.of_times(times[FLOOR])
    return {
        "floor": {**floor, **seen[FLOOR]},
        "pages": {
            name: {**_against(measure.of_times(found), floor), **seen[name]} for name, found in times.items() if name != FLOOR
        },
    }


def _against(page: dict[str, float], floor: dict[str, float]) -> dict[str, float]:
    return {
        **page,
        "x_floor": measure.ratio(page["p95_ms"], floor["p95_ms"]),
        "x_floor_work": measure.ratio(page["p95_work_ms"], floor["p95_work_ms"]),
    }


def _seen(client: Client, address: str) -> dict[str, int]:
    """How many queries the page runs once it is warm, and how many table rows it shows. Raises when it is no page."""
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return {"queries": len(seen), "rows": answer.content.count(b"<tr")}


def _partner_pages(user: User) -> dict[str, str]:
    partner = user.memberships.get().partner
    rows = Participant.objects.filter(partner=partner)
    deal = Deal.objects.filter(partner=partner).exclude(status="draft").order_by("-created_at").first()
    assert deal is not None
    middle = Deal.objects.filter(partner=partner).order_by("created_at")[rows.filter(role="owner").count() // 2]
    word = max(middle.customer_name.split(), key=len)
    lists = {
        "first": {},
        "deep": _deep(rows, "newest", "sort_at"),
        **{f"chip {name}": {"status": name} for name in CHIPS},
        "search ref": {"q": middle.ref},
        "search word": {"q": word},
        "search nothing": {"q": "qqxzj"},
        "expiring": {"expiring": "30"},
        "nature": {"nature": "tender"},
        "mine": {"mine": "true"},
        **{f"sort {sign}{name}": {"sort": f"{sign}{name}"} for name in SORTS for sign in ("", "-")},
        **{f"deep -{name}": {"sort": f"-{name}", **_deep(rows, name, path)} for name, path in SORTS.items() if name != "newest"},
    }
    return {
        FLOOR: f"/bench/portal/{deal.ref}/",
        **{f"list {name}": f"/deals/?{urlencode(values)}" for name, values in lists.items()},
        "detail": f"/deals/{deal.ref}/",
    }


def _deep(rows: QuerySet[Participant], name: str, path: str) -> dict[str, str]:
    """The token of page 1,000, or of the last page of a shorter list, made at that depth."""
    ordered = rows.exclude(**{f"{path}__isnull": True}).order_by(f"-{path}", "-pk")
    depth = min(PAGE * (DEEP - 1), max(ordered.count() - PAGE, 1)) - 1
    key = ordered.values_list(path, "pk")[depth]
    return {"page": dump("next", f"-{name}", key)}


def _desk_pages() -> dict[str, str]:
    deal = Deal.objects.filter(status="in_review").order_by("created_at").first()
    assert deal is not None
    return {
        FLOOR: f"/bench/staff/{deal.ref}/",
        "queue first": "/admin/deals/review/",
        "queue deep": "/admin/deals/review/?p=20",
        **{f"queue {show}": f"/admin/deals/review/?show={show}" for show in SHOWS},
        "queue search": f"/admin/deals/review/?{urlencode({'q': deal.customer_name.split()[0]})}",
        "queue search ref": f"/admin/deals/review/?q={deal.ref}",
        **{f"records {name}": f"/admin/deals/deal/?{urlencode(values)}" for name, values in _record_lists(deal).items()},
        "review page": f"/admin/deals/review/{deal.ref}/",
    }


def _record_lists(deal: Deal) -> dict[str, dict[str, str]]:
    """Every deal, as the desk looks for one."""
    return {
        "first": {},
        "status": {"status__exact": "lost"},
        "search ref": {"q": deal.ref},
        "search word": {"q": max(deal.customer_name.split(), key=len)},
        "search partner": {"q": deal.partner.name},
        "search nothing": {"q": "qqxzj"},
    }


def _report(results: dict[int, dict[str, Any]], count: int, quiet: bool) -> dict[str, Any]:
    """The measurements, how they grow, and which targets they miss."""
    grown: dict[str, dict[str, dict[str, float]]] = {}
    for role in next(iter(results.values())):
        names = results[min(results)][role]["pages"]
        grown[role] = {
            name: measure.growth({size: roles[role]["pages"][name]["p50_work_ms"] for size, roles in results.items()})
            for name in names
        }
        grown[role][FLOOR] = measure.growth({size: roles[role]["floor"]["p50_work_ms"] for size, roles in results.items()})
    return {
        "bench": "pages",
        "rounds": count,
        "machine": measure.machine(),
        "targets": {"queries": QUERIES_AT_MOST, "p95_x_floor": FLOOR_RATIO, "p95_x_smallest": GROWTH_AT_MOST},
        "sizes": results,
        "growth_p50_work": grown,
        "judged_by": "wall" if quiet else "work",
        "missed": list(_missed(results, quiet)),
    }


def _missed(results: dict[int, dict[str, Any]], quiet: bool) -> Iterator[str]:
    """By the wall clock on a quiet machine; on a busy one, which slows page and floor by turns, by the work done."""
    least, most, kind = min(results), max(results), "" if quiet else "_work"
    for role, found in results[most].items():
        for name, page in found["pages"].items():
            before, after = results[least][role]["pages"][name][f"p95{kind}_ms"], page[f"p95{kind}_ms"]
            if page["queries"] > QUERIES_AT_MOST:
                yield f"{role}: {name}: {page['queries']} queries"
            if page[f"x_floor{kind}"] > FLOOR_RATIO:
                yield f"{role}: {name}: p95 is {page[f'x_floor{kind}']} times the floor"
            if after > before * GROWTH_AT_MOST and not _only_fuller(results, role, name, kind):
                yield f"{role}: {name}: p95 {before} ms at {least:,}, {after} ms at {most:,}"


def _only_fuller(results: dict[int, dict[str, Any]], role: str, name: str, kind: str) -> bool:
    """Whether a page takes longer only because it shows more rows: beyond the floor, a row costs no more than it did.

    A small partner's list is not full yet where there are few deals.
    """
    least, most = min(results), max(results)
    rows = {size: results[size][role]["pages"][name]["rows"] for size in (least, most)}
    if not rows[least] or rows[most] <= rows[least]:
        return False
    costs = {
        size: (results[size][role]["pages"][name][f"p95{kind}_ms"] - results[size][role]["floor"][f"p95{kind}_ms"]) / rows[size]
        for size in (least, most)
    }
    return costs[most] <= costs[least] * GROWTH_AT_MOST

"""What people have taught the engine, as a check reads it: the published model, and pairs kept apart for good."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from deals.enums import Judged, ModelStatus, VerdictStatus
from deals.models import IdentityVerdict, MatchModel
from deals.rules.verdict import identity_from, name_sign, stays_apart
from prm.core import bulk
from prm.matching import Identity, Model, load_model, parse_model
from prm.matching.features import NAME_FEATURES

log = logging.getLogger(__name__)
BOTH = f"""
    SELECT id, NULL, NULL, NULL::timestamptz FROM deals_matchmodel WHERE status = '{ModelStatus.PUBLISHED}'
    UNION ALL SELECT customer_id, core, asked::text, at FROM deals_identityverdict
    WHERE core = ANY(%s) AND status = '{VerdictStatus.STANDING}' AND verdict = '{Judged.DIFFERENT}'
"""  # noqa: S608 - words of enums


@dataclass(frozen=True)
class Learned:
    """For one asked identity: the model to compare with, and (customer, judged identity, day) of each word "not the same"
    about that name."""

    model: Model
    different: tuple[tuple[UUID, Identity, date], ...] = ()

    def apart(self, asked: Identity, known: Mapping[UUID, Identity]) -> dict[UUID, date]:
        """Of these customers those that a person said this identity is not, and when."""
        return {
            customer: day
            for customer, judged, day in self.different
            if customer in known and stays_apart(judged, asked, known[customer])
        }


def learned_for_all(asked: Sequence[Identity]) -> list[Learned]:
    """What holds for each of these identities: two index probes, in one query."""
    signs = [name_sign(identity) for identity in asked]
    model = load_model()
    different: dict[str, list[tuple[UUID, Identity, date]]] = defaultdict(list)
    for pk, core, facts, at in bulk.prepared_rows(BOTH, [sorted(set(signs))]):
        if core is None:
            model = _stored(pk)
        else:
            different[core].append((pk, identity_from(json.loads(facts)), at.date()))
    return [Learned(model, tuple(sorted(different.get(sign, ()), key=lambda row: (row[2], str(row[0]))))) for sign in signs]


def different_by_name(signs: Collection[str]) -> dict[str, list[tuple[UUID, Identity]]]:
    """(customer, judged identity) of every "not the same" about one of these names (`name_sign`). One indexed query."""
    found: dict[str, list[tuple[UUID, Identity]]] = defaultdict(list)
    rows = IdentityVerdict.objects.standing().filter(core__in=signs, verdict=Judged.DIFFERENT).order_by()
    for core, customer, facts in rows.values_list("core", "customer_id", "asked"):
        found[core].append((customer, identity_from(facts)))
    return found


def current_model() -> Model:
    """The published model, else the shipped one. One indexed read of at most one row."""
    pk = MatchModel.objects.filter(status=ModelStatus.PUBLISHED).order_by().values_list("pk", flat=True).first()
    return _stored(pk) if pk else load_model()


@lru_cache(maxsize=8)
def _stored(pk: UUID) -> Model:
    """The weights stay in the process, by row, which the database keeps as it was proposed.

    A stored model that this release cannot read (its features have changed) is left alone: the shipped one holds.
    """
    data = MatchModel.objects.values_list("data", flat=True).get(pk=pk)
    try:
        model = parse_model(data)
        if missing := set(NAME_FEATURES) - model.weights.keys():
            raise ValueError(f"no weights for {sorted(missing)}")
        return model
    except (AttributeError, KeyError, TypeError, ValueError):
        log.exception("The published model %s cannot be read; the shipped one is used.", pk)
        return load_model()


def next_version() -> str:
    """One more than the highest so far, the shipped one included."""
    known = [*MatchModel.objects.values_list("version", flat=True), load_model().version]
    return str(max((int(version) for version in known if version.isdigit()), default=0) + 1)

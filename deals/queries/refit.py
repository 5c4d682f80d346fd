"""New weights from judged pairs, beside the present ones: read only, and always a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from deals.enums import Judged
from deals.models import IdentityVerdict
from deals.queries.learned import current_model, next_version
from prm.core.errors import DomainError
from prm.matching import Model, parse_model
from prm.matching.features import NAME_FEATURES
from prm.matching.fit import REVIEW_SHARE, best_scores_of_new, fit_weights, labelled_pairs, log_loss, threshold
from prm.matching.quality import Protocol, read_protocol, run_protocol

WORTH = 20  # a person's word on a pair of ours counts as so many pairs of a list
PULL = 30  # so many pairs hold the present weights where there is no list: a few words move them a little
BY_SCORE = frozenset({"score", "none"})  # certainty by these rules hangs on the weights; the other rules do not ask them
SHOWN = ("registered", "duplicates", "new", "caught", "caught_certain", "new_to_review", "new_declined")


@dataclass(frozen=True)
class Pair:
    """A judged pair as the fit sees it; `by_rule`: found whatever the weights say."""

    features: dict[str, float]
    same: bool
    by_rule: bool


@dataclass(frozen=True)
class Refit:
    """`data`: the new model as JSON; `comparison`: before and after, as JSON."""

    data: dict[str, Any]
    comparison: dict[str, Any]


def judged_pairs() -> list[Pair]:
    """Every word in force."""
    rows = IdentityVerdict.objects.standing().order_by("at", "pk").values_list("features", "verdict", "rule")
    return [Pair(features, verdict == Judged.SAME, rule not in BY_SCORE) for features, verdict, rule in rows]


def refit(folder: Path | None = None) -> Refit:
    """Fit the weights of names from the judged pairs, with a folder of known names (`records.csv`) if given.

    Weights of domain, number and place stay: the pairs say little of them, and certainty does not rest on the score. Without a
    folder the threshold stays too: it takes many truly new names to set it. Raises DomainError when there is nothing to learn
    from, or the folder cannot be read.
    """
    pairs, present = judged_pairs(), current_model()
    if not pairs and folder is None:
        raise DomainError(_("Nobody has judged a pair yet, and no folder of known names is given: there is nothing to learn."))
    own = [(pair.features, int(pair.same)) for pair in pairs]
    if folder is None:
        bias, weights = fit_weights(own, ridge=PULL / len(own), start=present)
        model = _model(present, bias, weights, present.likely)
        before, after = _judged(present, pairs), _judged(model, pairs)
    else:
        train, test = _protocols(folder)
        bias, weights = fit_weights([*labelled_pairs(train), *own * WORTH])
        model = _model(present, bias, weights, present.likely)
        model = replace(model, likely=threshold(best_scores_of_new(train, model), REVIEW_SHARE))
        before, after = ({**_judged(known, pairs), "registrar": _registrar(test, known)} for known in (present, model))
    if own:
        before["log_loss"], after["log_loss"] = (round(log_loss(known, own), 4) for known in (present, model))
    comparison = {
        "pairs": len(pairs),
        "same": sum(pair.same for pair in pairs),
        "different": sum(not pair.same for pair in pairs),
        "folder": folder.name if folder else "",
        "before": {**_shown(present), **before},
        "after": {**_shown(model), **after},
    }
    return Refit({**_shown(model), "figures": {"before": present.version, "pairs": len(pairs), **after}}, comparison)


def _protocols(folder: Path) -> tuple[Protocol, Protocol]:
    try:
        halves = read_protocol(folder, "fit"), read_protocol(folder, "test")
        if all(half.duplicates and half.new for half in halves):
            return halves
        raise DomainError(
            _("%(folder)s: too few names. Each half needs known duplicates and truly new names.") % {"folder": folder}
        )
    except (OSError, KeyError, UnicodeDecodeError) as error:
        said = _("%(folder)s: there must be a readable file records.csv with the columns entity_id and name (%(error)s).")
        raise DomainError(said % {"folder": folder, "error": error})


def _registrar(protocol: Protocol, model: Model) -> dict[str, Any]:
    figures = run_protocol(protocol, model=model)
    return {name: figures[name] for name in SHOWN}


def _model(present: Model, bias: float, fitted: dict[str, float], likely: float) -> Model:
    weights = {**present.weights, **{name: round(fitted[name], 3) for name in NAME_FEATURES}}
    data = {"version": next_version(), "bias": round(bias, 3), "weights": weights, "likely": likely}
    return parse_model(data)


def _shown(model: Model) -> dict[str, Any]:
    return {"version": model.version, "bias": model.bias, "likely": model.likely, "weights": dict(model.weights)}


def _judged(model: Model, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Precision and recall in per cent on the judged pairs, were they found by this model."""
    found = [pair.same for pair in pairs if pair.by_rule or model.value(pair.features) >= model.likely]
    same = sum(pair.same for pair in pairs)
    return {
        "found": len(found),
        "precision": round(100 * sum(found) / len(found), 1) if found else None,
        "recall": round(100 * sum(found) / same, 1) if same else None,
    }

"""Reading the data files, shifting their dates, and drawing the same lots every time."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
PIPELINE_ENDS = date(2017, 12, 31)
ORDERS_END = date(2020, 5, 29)
SMALL = 100


def rows(name: str, small: bool = False) -> list[dict[str, str]]:
    """All rows of one data file; with `small` the first few hundred, for tests."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(islice(csv.DictReader(file), SMALL if small else None))


def shifted(day: str, ends: date, today: date) -> date:
    """The day as far before today as it was before the end of its history."""
    return min(today, date.fromisoformat(day) + (today - ends))


def dice(name: str) -> random.Random:
    """A generator of its own for each part, so that one part's change leaves the others alone."""
    return random.Random(f"prm-demo-{name}")


def days_ago(today: date, days: int) -> date:
    return today - timedelta(days=days)

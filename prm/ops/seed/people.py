"""Names of the demo's people."""

from __future__ import annotations

from random import Random

from anyascii import anyascii

FIRST = [
    "Anna", "Ben", "Chiara", "Daniel", "Elif", "Farid", "Grace", "Hiro", "Ines", "Jonas", "Karin", "Liam", "Mei", "Nadia",
    "Oskar", "Priya", "Quentin", "Rosa", "Sven", "Tuan", "Ursula", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoë", "Amélie",
    "Björn", "Carmen", "Dewi", "Emre", "Fatima", "Günther", "Halina", "Indah", "Joaquín", "Kofi", "Lucía", "Mateo", "Noor",
    "Olga", "Pavel", "Raj", "Siti", "Tomás", "Uwe",
]  # fmt: skip
LAST = [
    "Abt", "Baker", "Chen", "Díaz", "Engström", "Fischer", "García", "Haddad", "Ito", "Jansen", "Kowalski", "Lindqvist",
    "Müller", "Nguyen", "Okafor", "Pérez", "Quispe", "Rossi", "Schäfer", "Tanaka", "Utomo", "Varga", "Weber", "Ximénez",
    "Yılmaz", "Zhang", "Santoso", "Wijaya", "O’Connor", "D’Angelo", "van-der-Berg", "Löwe", "Peña", "Kaya", "Novák", "Silva",
    "Moreau", "Brown", "Singh", "Hansen", "Kim",
]  # fmt: skip


def person(dice: Random, taken: set[str]) -> str:
    """A name nobody has yet."""
    while True:
        name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
        if name not in taken:
            taken.add(name)
            return name


def address(name: str, domain: str) -> str:
    """first.last@domain in plain letters."""
    plain = "".join(char for char in anyascii(name).lower().replace(" ", ".").replace("-", "") if char.isalnum() or char == ".")
    return f"{plain}@{domain}"

"""Files of rows that people hand us: CSV and XLSX in, checked cells and a list of what is wrong out. No database."""

from prm.core.tabular.cells import amount, choice, country, currency, day, email, number, text
from prm.core.tabular.columns import Column, match_header, typed_rows, wrong_width
from prm.core.tabular.problems import BadFile, CellError, Problem, Problems
from prm.core.tabular.reader import Table, open_table

__all__ = [
    "BadFile",
    "CellError",
    "Column",
    "Problem",
    "Problems",
    "Table",
    "amount",
    "choice",
    "country",
    "currency",
    "day",
    "email",
    "match_header",
    "number",
    "open_table",
    "text",
    "typed_rows",
    "wrong_width",
]

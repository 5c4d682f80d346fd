"""Files in: the vendor's opportunities and booked sales."""

from deals.services.imports.opportunities import import_opportunities

__all__ = ["import_opportunities"]

"""Files in: the vendor's opportunities and booked sales."""

from deals.services.imports.opportunities import import_opportunities
from deals.services.imports.sales import import_sales

__all__ = ["import_opportunities", "import_sales"]

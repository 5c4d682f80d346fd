"""Files in: the vendor's opportunities, booked sales, exchange rates."""

from deals.services.imports.opportunities import import_opportunities
from deals.services.imports.rates import import_rates
from deals.services.imports.sales import import_sales

__all__ = ["import_opportunities", "import_rates", "import_sales"]

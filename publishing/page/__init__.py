"""One self-contained page about a period, for readers without a BI tool: ``write_page``."""

from publishing.page.facts import UnknownPeriodError
from publishing.page.write import write_page

__all__ = ["UnknownPeriodError", "write_page"]

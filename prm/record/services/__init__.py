"""Writing comments and the record of imports."""

from prm.record.services.comment import add_comment
from prm.record.services.import_run import ImportJob, run_import

__all__ = ["ImportJob", "add_comment", "run_import"]

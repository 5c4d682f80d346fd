"""Writing comments, files and the record of imports."""

from prm.record.services.comment import add_comment
from prm.record.services.file import delete_files, keep_picture
from prm.record.services.import_run import ImportJob, run_import

__all__ = ["ImportJob", "add_comment", "delete_files", "keep_picture", "run_import"]

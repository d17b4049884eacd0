"""Import of a census of parts: every fault named, nothing half done, the same file twice the same.

`reading` opens the file, `columns` finds what its columns mean, `cleaning` judges one row,
`staging` judges all of them together in the database, `register` writes what is accepted and
`report` what is not.
"""

from parts.services.imports.faults import Fault, Remark
from parts.services.imports.register import Declared, Outcome, import_parts

__all__ = ["Declared", "Fault", "Outcome", "Remark", "import_parts"]

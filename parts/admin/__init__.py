"""The administration of the district: catalogue, standards, grid, parts, patrols.

Nothing is deleted: rows end by their own fields. What a service guards is read-only here: codes,
computed areas, the cell of a part, a published edition.
"""

from parts.admin import catalogue, grid, patrols, register

__all__ = ["catalogue", "grid", "patrols", "register"]

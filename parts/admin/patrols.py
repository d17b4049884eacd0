"""Shifts and who walks which cells in them: looked at here, changed on the pages of patrols."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from parts.admin.kinds import OnlyRead
from parts.models import Patrol, PatrolCell, Shift


@admin.register(Shift)
class ShiftAdmin(OnlyRead):
    list_display = ("key", "name", "begins", "ends")


class PatrolCellInline(admin.TabularInline):  # type: ignore[type-arg]
    model = PatrolCell
    extra = 0
    verbose_name_plural = _("cells of the patrol")


@admin.register(Patrol)
class PatrolAdmin(OnlyRead):
    """Who walks which cells in which shift."""

    list_display = ("supervisor", "shift", "cell_count")
    list_filter = ("shift",)
    search_fields = ("supervisor__username", "supervisor__full_name")
    list_select_related = ("supervisor", "shift")
    inlines = (PatrolCellInline,)

    @admin.display(description=_("cells"))
    def cell_count(self, patrol: Patrol) -> int:
        return patrol.patrol_cells.count()

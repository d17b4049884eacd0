"""Calendar, numbers and what leaves the site, for administrators; not what services guard."""

from cases.admin import calendar, hours, notices, numbers

__all__ = ["calendar", "hours", "notices", "numbers"]

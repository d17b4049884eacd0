"""A city's own table of filing standards: read, compared with what is here, then taken in."""

from parts.services.standard_table.adopting import adopt_standards, plan_adoption
from parts.services.standard_table.planning import Plan, Wanted, plan_table
from parts.services.standard_table.writing import take_in

__all__ = ["Plan", "Wanted", "adopt_standards", "plan_adoption", "plan_table", "take_in"]

"""Why a row is refused, and what is remarked of one that is accepted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fault(models.TextChoices):
    """A row with one of these is refused; only the first that applies is told."""

    NO_CLASS = "no_class", _("The class code is missing.")
    DIGITS_LOST = "digits_lost", _("The last digits are lost: export the column as text.")
    UNKNOWN_CLASS = "unknown_class", _("The coding scheme has no part class of this code.")
    CLASS_NAME = "class_name", _("Code and name of the class do not fit each other.")
    NO_POSITION = "no_position", _("The position is missing.")
    BAD_NUMBER = "bad_number", _("Longitude and latitude must be numbers in degrees.")
    FEET = "feet", _("The coordinates are in feet or another plane unit, not in degrees.")
    METRES = "metres", _("The coordinates are projected metres: declare the frame they are in.")
    DEGREES = "degrees", _("The coordinates are degrees, not metres of the declared frame.")
    ONE_POINT = "one_point", _("A thousand rows or more share this one point.")
    SWAPPED = "swapped", _("Longitude and latitude are swapped, and swapped back lie outside.")
    GCJ = "gcj", _("The position is off as GCJ-02 coordinates are: convert it to CGCS2000 first.")
    OUTSIDE = "outside", _("The position lies outside the district.")
    BAD_GEOMETRY = "bad_geometry", _("The geometry cannot be read or crosses itself.")
    GEOMETRY_KIND = "geometry_kind", _("The class wants another kind of geometry.")
    BAD_CODE = "bad_code", _("The part code does not fit the scheme, the district or the class.")
    CODE_TAKEN = "code_taken", _("Another part has this code.")
    BAD_USCC = "bad_uscc", _("The unified social credit code is wrong in form or check character.")
    BAD_DATE = "bad_date", _("The date cannot be read.")
    DATE_ORDER = "date_order", _("The change date is missing or lies before the initial date.")
    TOO_LONG = "too_long", _("The text is too long.")
    REPEATED = "repeated", _("An earlier row of this file has the same key.")
    CLASS_CHANGED = "class_changed", _("The part has another class now: reclassify it first.")


class Remark(models.TextChoices):
    """What is told of an accepted row, or of the file; once a row for each kind."""

    NEAR_EARLIER = "near_earlier", _("Within a metre of an earlier row of the same class.")
    NEAR_EXISTING = "near_existing", _("Within a metre of a registered part of the same class.")
    ZEROS_ADDED = "zeros_added", _("Leading zeros that a spreadsheet had dropped were restored.")
    FULL_WIDTH = "full_width", _("Full-width characters were read as plain ones.")
    AXES = "axes", _("Longitude and latitude were swapped and have been put right.")
    STATE_KEPT = "state_kept", _("The state is none of ours and was kept in the note.")
    CELL_DIFFERS = "cell_differs", _("The cell in the file is not the one that covers the part.")
    AREA_DIFFERS = "area_differs", _("Street or community in the file is not that of the cell.")
    BLANKS = "blanks", _("Blanks around the value were taken away.")
    EMPTY = "empty", _("The value is missing.")
    DATE_FORM = "date_form", _("The date is not written as 2026-01-31 and was read nevertheless.")
    ROUNDED = (
        "rounded",
        _("The code ends in zeros where spreadsheets round: check the last digits."),
    )
    ENCODING = "encoding", _("The file is in GB18030, not in UTF-8, and was read nevertheless.")


# Spreadsheets keep 15 digits. By chance one code in ten ends in zeros from the 16th on: where more
# than half of at least so many do, they were rounded, and would be taken for other parts.
ROUNDED_FROM = 10
# Rows at one point from which on the point is taken for a stand-in, not a place.
CROWD = 1000

"""The clocks of a case: working calendars, deadlines, lamps and their trace in words.

Pure rules of domain law §6. Nothing in this package reads the time, the database or a setting:
instants and calendars come in, instants and durations go out. Durations are ``timedelta``, exact
to the microsecond, so that a clock paused and resumed any number of times loses nothing.
"""

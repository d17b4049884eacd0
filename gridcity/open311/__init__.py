"""Open311 GeoReport v2 for citizens' apps and other cities' systems (domain law §2, PUBLIC)."""

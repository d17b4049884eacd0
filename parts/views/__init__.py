"""Pages of the district, by topic."""

"""How fast the product is, beside what the same work costs at least: `make bench`."""

"""Reads of figures, and of the rows behind each of them."""

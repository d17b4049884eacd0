"""Reads of cases, shaped for a screen, an API or a rule."""

"""Writes of the platform itself."""

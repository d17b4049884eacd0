"""Draws the demonstration's district once; what it draws is shipped as fixtures.

Only the outline of the district is real. Streets follow main roads near their published areas;
communities and cells are cuts of our own, and the map says so.
"""

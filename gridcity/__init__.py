"""The platform as a whole: settings, users and roles, the one door of the API, health.

Everything else stands to the right of it: gridcity → assessment → dispatch → cases → parts → jobs.
"""

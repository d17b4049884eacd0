"""One-command start of gridcity on a Debian machine, and what runs it in production.

The Python here uses the standard library only, because it runs before the virtual environment
exists. `python3 -m deploy run` is what `make run` calls; `python3 -m deploy` lists the rest.
"""

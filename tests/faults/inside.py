"""`python inside.py COMMAND …`: runs a command of `commands.py` in the environment of the site."""

import json
import os
import sys
from pathlib import Path


def main(name, *words):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    os.environ["DJANGO_SETTINGS_MODULE"] = "gridcity.settings"
    import django

    django.setup()
    from tests.faults import commands

    print(json.dumps(getattr(commands, name)(*words)))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Asks `/readyz` whether one part of the site is well: `healthcheck.py http://web:8000 beat`."""

from __future__ import annotations

import json
import os
import sys
import urllib.request

TIMEOUT_S = 6


def is_well(base: str, part: str, host: str) -> bool:
    """Whether the site answers and calls this part ok. `host` is a name the site goes by."""
    request = urllib.request.Request(f"{base}/readyz", headers={"Host": host})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return bool(json.load(answer)["parts"][part] == "ok")
    except (OSError, ValueError, KeyError):
        return False


if __name__ == "__main__":
    name = os.environ.get("GRIDCITY_ALLOWED_HOSTS", "127.0.0.1").partition(",")[0]
    sys.exit(0 if is_well(sys.argv[1], sys.argv[2], name) else 1)

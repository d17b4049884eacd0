"""The checks of the house: all are run, told in their order, and counted where they fail."""

import os

from deploy import quality
from deploy.quality import Check

FAILING = "import time; time.sleep(0.3); print('what is wrong'); raise SystemExit(2)"


def test_checks_side_by_side_are_told_in_their_order_with_what_failed(site, capsys):
    checks = [
        Check("slow", ("python", "-c", FAILING)),
        Check("quick", ("python", "-c", "print('nothing to say')")),
    ]
    assert quality.run(site, checks, os.environ, at_once=2) == 1
    said = capsys.readouterr()
    assert said.out.index("slow") < said.out.index("what is wrong") < said.out.index("quick")
    assert "nothing to say" not in said.out
    assert said.err == "failed: slow\n"

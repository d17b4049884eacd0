"""What the logs say of an error: where it came from, and nothing that a row holds."""

from __future__ import annotations

import io
import json
import logging
from copy import deepcopy

from django.conf import settings

from gridcity.logs import configure


def logged(problem: Exception) -> dict[str, object]:
    """The line that an exception leaves in the log of a process."""
    told = deepcopy(settings.LOGGING)
    told["handlers"]["console"]["stream"] = out = io.StringIO()
    before = logging.getLogger().handlers[:]
    try:
        configure(told)
        try:
            raise RuntimeError("could not be written") from problem
        except RuntimeError:
            logging.getLogger("gridcity.sample").exception("failed")
    finally:
        logging.getLogger().handlers = before
    line: dict[str, object] = json.loads(out.getvalue())
    return line


def test_an_error_is_logged_with_its_way_through_the_code():
    line = logged(ValueError("seven"))
    assert line["event"] == "failed"
    assert "ValueError: seven" in str(line["exception"])
    assert "RuntimeError: could not be written" in str(line["exception"])
    assert "test_logs.py" in str(line["exception"])
    assert "exc_info" not in line


def test_a_row_that_the_database_quotes_stays_out_of_the_log():
    problem = ValueError(
        'new row violates "reporter_phone"\n'
        "DETAIL:  Failing row contains (7, 张三,\n\n13800000000)."
    )
    told = str(logged(problem)["exception"])
    assert "reporter_phone" in told
    assert "张三" not in told
    assert "13800000000" not in told
    assert "RuntimeError: could not be written" in told

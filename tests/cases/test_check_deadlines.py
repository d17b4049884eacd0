"""`manage.py check_deadlines`: a file of deadlines against the product's own reckoning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases.services.calendar import seed_published_years

HEADER = "start,unit,value,due\n"
RIGHT = """\
2026-02-13 15:00,working_day,2,2026-02-24 15:00
2026-02-13 15:00,工作日,2,2026-02-24 15:00:00
2026-03-03 12:00,working_hour,1,2026-03-03 15:00
2026-07-30 07:03:05,urgent_hour,2,2026-07-30 09:03:05
2026-07-30T00:00,calendar_day,2,2026-07-31 24:00
2026/07/30 23:50,minute,15,2026/07/31 00:05
2012-09-29 17:00,working_hour,2.0,2012-10-08 09:00
"""


@pytest.fixture
def check(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Checks a file of these bytes or words; answers with the lines printed."""
    seed_published_years()

    def run(content: str | bytes, *, fails: bool = False) -> list[str]:
        path = tmp_path / "deadlines.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if fails:
            with pytest.raises(CommandError):
                call_command("check_deadlines", str(path))
        else:
            call_command("check_deadlines", str(path))
        return capsys.readouterr().out.splitlines()

    return run


def test_a_file_that_agrees_is_counted(check: Callable[..., list[str]]) -> None:
    counts = ["7 lines: 7 agree, 0 differ, 0 cannot be read"]
    assert check(HEADER + RIGHT) == counts
    assert check(("\ufeff" + HEADER + RIGHT + "\n").replace("\n", "\r\n")) == counts


def test_every_line_that_differs_is_printed_and_the_command_fails(
    check: Callable[..., list[str]],
) -> None:
    wrong = (
        "2026-02-13 15:00,working_day,2,2026-02-17 15:00\n"
        "2027-12-31 17:00,working_hour,2,2028-01-03 10:00\n"
    )
    printed = check(HEADER + RIGHT + wrong, fails=True)
    assert [line[:8] for line in printed] == ["line 9: ", "line 10:", "9 lines:"]
    assert printed[0].endswith(
        "2 working_day: the file says 2026-02-17 15:00:00, the product 2026-02-24 15:00:00"
    )
    assert printed[1].endswith(
        "the product 2028-01-03 09:00:00 (provisional: a year without a published calendar)"
    )
    assert printed[-1] == "9 lines: 7 agree, 2 differ, 0 cannot be read"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-02-13 15:00,working_day,2", "nothing stands in due"),
        ("2026-02-13 15:00,week,2,2026-02-24 15:00", "'week' is no unit"),
        ("2026-02-13 15:00,minute,zwei,2026-02-24 15:00", "'zwei' is no number above zero"),
        ("2026-02-13 15:00,minute,-1,2026-02-24 15:00", "'-1' is no number above zero"),
        ("2026-02-30 15:00,minute,1,2026-02-24 15:00", "start is '2026-02-30 15:00', not a local"),
        ("2026-02-13 15:00,minute,1,2026-02-13 15:01+08:00", "written without a zone"),
        ("1990-02-13 15:00,working_day,1,1990-02-14 15:00", "lies outside 1992"),
    ],
)
def test_a_bad_line_is_named_in_a_sentence_and_the_rest_is_checked(
    check: Callable[..., list[str]], line: str, said: str
) -> None:
    printed = check(HEADER + line + "\n" + RIGHT, fails=True)
    assert printed[0].startswith("line 2: cannot be read: ")
    assert said in printed[0]
    assert printed[1:] == ["8 lines: 7 agree, 0 differ, 1 cannot be read"]


@pytest.mark.parametrize(
    "content", ["start,unit,value\n", "", "start;unit;value;due\n", "起始时间".encode("gbk")]
)
def test_a_file_without_the_columns_is_refused(
    check: Callable[..., list[str]], content: str | bytes
) -> None:
    assert check(content, fails=True) == []

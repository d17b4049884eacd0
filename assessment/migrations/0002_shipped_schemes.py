"""Schemes that the product ships with, as a city may begin: all weights and bands are defaults.

Regions and departments are ranked by them; people are scored by those of their post, and never
ranked.
"""

from datetime import date

from django.db import migrations

GRADES = [
    ["A", 90, "优秀"],
    ["B", 75, "良好"],
    ["C", 60, "一般"],
    ["D", 40, "较差"],
    ["E", 0, "差"],
]
SOURCE = "默认评价方案，可由区里按自己的办法修改"

PUBLIC = {
    "key": "public", "name": "监督举报率", "weight": 10, "parts": [["public_share", 100]],
    "is_good": False,
}  # fmt: skip
FIRST_CLASS = [[0, 0, 100], [1, 2, 90], [3, 4, 75], [5, 6, 60], [7, 8, 40], [9, None, 0]]
SECOND_CLASS = [[0, 0, 100], [1, 3, 90], [4, 5, 75], [6, 7, 60], [8, 9, 40], [10, None, 0]]
FILED_A_CELL = {
    "key": "filed", "name": "每网格每月立案数", "weight": 20, "parts": [["filed", 100]],
    "per_cell": True,
    "bands": SECOND_CLASS,
}  # fmt: skip
# Cells of the first class have bands of their own: fewer filed cases are expected there.
FILED_IN_A_CELL = FILED_A_CELL | {
    "bands": FIRST_CLASS, "groups": {"2": {"bands": SECOND_CLASS}},
}  # fmt: skip
CLOSED = {"key": "closed", "name": "结案率", "weight": 30, "parts": [["closed_share", 100]]}
CLOSED_IN_TIME = {
    "key": "closed_in_time", "name": "按期结案率", "weight": 40, "parts": [["closed_in_time", 100]],
}  # fmt: skip
REGION = [PUBLIC, FILED_A_CELL, CLOSED, CLOSED_IN_TIME]
CELL = [PUBLIC, FILED_IN_A_CELL, CLOSED, CLOSED_IN_TIME]

DEPARTMENT = [
    {
        "key": "dispatches", "name": "立案数（派遣到本单位）", "weight": 10,
        "parts": [["dispatches", 100]],
        "bands": [
            [0, 50, 100], [51, 100, 90], [101, 200, 75], [201, 500, 60], [501, 999, 40],
            [1000, None, 0],
        ],
    },
    {"key": "handled", "name": "结案率（处置率）", "weight": 30, "parts": [["handled_share", 100]]},
    {"key": "in_time", "name": "按期处置率", "weight": 30, "parts": [["handled_in_time", 100]]},
    {"key": "rework", "name": "返工率", "weight": 30, "parts": [["rework", 100]], "is_good": False},
]  # fmt: skip

# (in time in full, late at four tenths) × 80 % + (1 − extended) × 10 % + (1 − reworked) × 10 %
MONTHLY = [
    {
        "key": "handled", "name": "按期处置率与超期处置率的四成", "weight": 80,
        "parts": [["handled_in_time", 100], ["handled_late", 40]],
    },
    {"key": "extended", "name": "延期率", "weight": 10, "parts": [["extended", 100]],
     "is_good": False},
    {"key": "rework", "name": "返工率", "weight": 10, "parts": [["rework", 100]], "is_good": False},
]  # fmt: skip

# More is better: a post is judged by what it got through in a month.
VOLUME = [
    [0, 100, 0], [101, 300, 40], [301, 500, 60], [501, 1200, 75], [1201, 2000, 90],
    [2001, None, 100],
]  # fmt: skip


def rate(key, name, weight, indicator, **more):
    return {"key": key, "name": name, "weight": weight, "parts": [[indicator, 100]], **more}


SUPERVISOR = [
    rate("valid", "有效上报率", 40, "valid_patrol"),
    rate("missed", "漏报率", 20, "missed_on_patrol", is_good=False),
    rate("verified", "按时核实率", 20, "verified_in_time"),
    rate("checked", "按时核查率", 20, "checked_in_time"),
]
ACCEPTOR = [
    rate("accepted", "受理数", 25, "accepted", bands=VOLUME),
    rate("verify_sent", "核实按时派发率", 40, "verify_sent_in_time"),
    rate("check_sent", "核查按时派发率", 35, "check_sent_in_time"),
]
DUTY_CHIEF = [
    rate("filed_in_time", "按时立案率", 25, "filed_in_time"),
    rate("filed_right", "准确立案率", 40, "filed_right"),
    rate("closed_in_time", "按时结案率", 35, "close_stage_in_time"),
]
DISPATCHER = [
    rate("dispatched", "派遣数", 20, "dispatched", bands=VOLUME),
    rate("in_time", "按时派遣率", 40, "dispatched_in_time"),
    rate("right", "准确派遣率", 40, "dispatched_right"),
]

SCHEMES = (
    ("region-street", "街道综合评价", "street", REGION),
    ("region-community", "社区综合评价", "community", REGION),
    ("region-cell", "单元网格综合评价", "cell", CELL),
    ("department", "专业部门综合评价", "department", DEPARTMENT),
    ("department-monthly", "专业部门月度评价", "department", MONTHLY),
    ("supervisor", "监督员岗位评价", "supervisor", SUPERVISOR),
    ("acceptor", "受理员岗位评价", "acceptor", ACCEPTOR),
    ("duty-chief", "值班长岗位评价", "duty_chief", DUTY_CHIEF),
    ("dispatcher", "派遣员岗位评价", "dispatcher", DISPATCHER),
)


def ship(apps, schema_editor):
    scheme = apps.get_model("assessment", "Scheme")
    for key, name, subject, terms in SCHEMES:
        scheme.objects.create(
            key=key, version=1, name=name, subject=subject, terms=terms, grades=GRADES,
            source=SOURCE, valid_from=date(2004, 1, 1), is_active=True, is_shipped=True,
        )  # fmt: skip


class Migration(migrations.Migration):
    replaces = [
        ("assessment", "0004_default_schemes"),
        ("assessment", "0010_post_schemes"),
        ("assessment", "0021_bands_of_first_class_cells"),
    ]

    dependencies = [("assessment", "0001_tables")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]

"""Schemes that the product ships with, as a city may begin: all weights and bands are defaults."""

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
FILED_A_CELL = {
    "key": "filed", "name": "每网格每月立案数", "weight": 20, "parts": [["filed", 100]],
    "per_cell": True,
    "bands": [[0, 0, 100], [1, 3, 90], [4, 5, 75], [6, 7, 60], [8, 9, 40], [10, None, 0]],
}  # fmt: skip
CLOSED = {"key": "closed", "name": "结案率", "weight": 30, "parts": [["closed_share", 100]]}
CLOSED_IN_TIME = {
    "key": "closed_in_time", "name": "按期结案率", "weight": 40, "parts": [["closed_in_time", 100]],
}  # fmt: skip
REGION = [PUBLIC, FILED_A_CELL, CLOSED, CLOSED_IN_TIME]

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

SCHEMES = (
    ("region-street", "街道综合评价", "street", REGION),
    ("region-community", "社区综合评价", "community", REGION),
    ("region-cell", "单元网格综合评价", "cell", REGION),
    ("department", "专业部门综合评价", "department", DEPARTMENT),
    ("department-monthly", "专业部门月度评价", "department", MONTHLY),
)


def ship(apps, schema_editor):
    scheme = apps.get_model("assessment", "Scheme")
    for key, name, subject, terms in SCHEMES:
        scheme.objects.create(
            key=key, version=1, name=name, subject=subject, terms=terms, grades=GRADES,
            source=SOURCE, valid_from=date(2004, 1, 1), is_active=True,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("assessment", "0003_schemes")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]

"""Schemes of the four posts, as a city may begin; people are scored by them and never ranked."""

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
    ("supervisor", "监督员岗位评价", "supervisor", SUPERVISOR, SOURCE),
    ("acceptor", "受理员岗位评价", "acceptor", ACCEPTOR, SOURCE),
    ("duty-chief", "值班长岗位评价", "duty_chief", DUTY_CHIEF, SOURCE),
    ("dispatcher", "派遣员岗位评价", "dispatcher", DISPATCHER, SOURCE),
)  # fmt: skip


def ship(apps, schema_editor):
    scheme = apps.get_model("assessment", "Scheme")
    for key, name, subject, terms, source in SCHEMES:
        scheme.objects.create(
            key=key, version=1, name=name, subject=subject, terms=terms, grades=GRADES,
            source=source, valid_from=date(2004, 1, 1), is_active=True, is_shipped=True,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("assessment", "0009_scheme_versions")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]

"""A register on its way: uploaded, declared, tried dry, confirmed, imported; nothing half done."""

import hashlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from python_calamine import CalamineWorkbook

from gridcity.contracts import (
    Forbidden,
    Invalid,
    NotAllowed,
    NotVisible,
    StaleVersion,
    TooLarge,
)
from jobs.models import Job
from jobs.running import run_job
from jobs.services import cancel_job
from parts.models import Part, PartImport, PartSource
from parts.services.imports import Declared
from parts.services.imports.orders import (
    REPORT,
    confirm_import,
    declare_and_check,
    upload_register,
)
from parts.services.states import change_part_state
from tests.district import CURRENT
from tests.parts.register_files import HEADER, where


def text(*rows, header=HEADER):
    return "\n".join(",".join(row) for row in (header, *rows))


GOOD = ["1", "0101", "上水井盖", *where()]
BAD = ["2", "0199", "", *where(2, 2)]


class Desk:
    """An administrator at work on one register."""

    def __init__(self, actor, at):
        self.said = {"actor": actor, "at": at}

    def upload(self, content, name="census.csv", source="普查", **more):
        raw = content if isinstance(content, bytes) else content.encode()
        file = SimpleUploadedFile(name, raw)
        options = {"source_key": source, "scheme": CURRENT, "frame": "4490"} | more
        return upload_register(**self.said, file=file, **options)

    def ask(self, row, **more):
        said = {"frame": row.frame, "layer": row.layer, "columns": row.columns,
                "class_code": row.class_code} | more  # fmt: skip
        return declare_and_check(
            **self.said, import_id=row.pk, version=row.version, declared=Declared(**said)
        )

    def check(self, row, **more):
        job = run_job(job_id=self.ask(row, **more).pk)
        row.refresh_from_db()
        return job

    def confirm(self, row, version=None):
        return confirm_import(**self.said, import_id=row.pk, version=version or row.version)

    def carry_out(self, row):
        job = run_job(job_id=self.confirm(row).pk)
        row.refresh_from_db()
        return job

    def take(self, content, **more):
        row = self.upload(content, **more)
        self.check(row)
        self.carry_out(row)
        return row


@pytest.fixture
def desk(district, at):
    return Desk(district.actor("administrator"), at())


def imported():
    return Part.objects.filter(source_key="普查").order_by("code")


def test_the_whole_way_of_a_register(desk, at):
    row = desk.upload(text(GOOD, BAD))
    assert row.columns["class_code"] == "小类代码"
    assert row.sha256 == hashlib.sha256(text(GOOD, BAD).encode()).hexdigest()
    assert row.first_rows[0][0] == "1"
    job = desk.check(row)
    assert (job.state, job.result["new"], job.result["refused"]) == ("done", 1, 1)
    assert row.checked["faults"] == {"unknown_class": 1}
    assert not imported().exists()
    job = desk.carry_out(row)
    assert (job.state, job.result["new"]) == ("done", 1)
    assert (row.imported["new"], row.imported_at) == (1, at())
    assert row.confirmed_by_id == desk.said["actor"].user_id
    assert imported().get().source_id == "1"
    (output,) = job.outputs
    assert output["name"] == REPORT
    book = CalamineWorkbook.from_path(default_storage.path(output["file"]))
    assert book.sheet_names == ["拒收", "提示"]
    assert book.get_sheet_by_name("拒收").to_python()[1][:3] == [3.0, "小类代码", "0199"]


def test_the_same_file_twice_changes_nothing(desk):
    desk.take(text(GOOD))
    before = list(imported().values())
    again = desk.take(text(GOOD))
    assert (again.imported["new"], again.imported["unchanged"]) == (0, 1)
    assert list(imported().values()) == before


def test_how_a_register_is_read_is_kept_for_its_next_file(desk):
    header = ["NO", "KIND", "E", "N"]
    row = desk.upload(text(["1", "0101", *where()], header=header))
    said = {"source_id": "NO", "class_code": "KIND", "lon": "E", "lat": "N"}
    assert desk.check(row, columns=said).state == "done"
    following = desk.upload(text(["2", "0101", *where(0, 0)], header=[*header, "备注"]))
    assert following.columns == said
    shorter = desk.upload(text(["2", *where(0, 0)], header=["NO", "E", "N"]))
    assert "class_code" not in shorter.columns
    assert desk.check(shorter, class_code="0101").result["new"] == 1
    source = PartSource.objects.get(key="普查")
    assert source.class_code == "0101"
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from parts_partsourcehistory where pgh_obj_id = %s",
                       [source.pk])  # fmt: skip
        assert cursor.fetchone()[0] == 2


@pytest.mark.parametrize(
    ("declared", "field"),
    [
        ({"columns": {"lon": "经度", "lat": "纬度"}}, "class_code"),
        ({"columns": {"class_code": "小类代码"}}, "lon"),
        ({"columns": {"class_code": "没有"}}, "class_code"),
        ({"columns": {"no_such": "经度"}}, "columns"),
        ({"class_code": "9999"}, "class_code"),
        ({"frame": "1"}, "frame"),
    ],
)
def test_what_cannot_be_declared_is_refused_at_its_field(desk, declared, field):
    row = desk.upload(text(GOOD))
    with pytest.raises(Invalid) as refused:
        desk.ask(row, **declared)
    assert field in refused.value.fields
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [({"source": " "}, "source_key"), ({"scheme": "none"}, "scheme"), ({"frame": "1"}, "frame")],
)
def test_an_upload_that_will_not_do_leaves_nothing(desk, said, field):
    with pytest.raises(Invalid) as refused:
        desk.upload(text(GOOD), **said)
    assert field in refused.value.fields
    assert not PartImport.objects.exists()


def test_an_unreadable_file_leaves_neither_row_nor_file(desk, settings):
    with pytest.raises(Invalid):
        desk.upload(b"PK\x03\x04 no zip", name="a.xlsx")
    assert not PartImport.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_file_beyond_the_limit_is_refused(desk, settings):
    settings.REQUEST_MAX_BYTES = 10
    with pytest.raises(TooLarge):
        desk.upload(text(GOOD))


def test_a_register_keeps_its_scheme(desk, district):
    from parts.models import CodingScheme

    other = CodingScheme.objects.exclude(key=CURRENT).first()
    desk.upload(text(GOOD))
    with pytest.raises(Invalid) as refused:
        desk.upload(text(GOOD), scheme=other.key)
    assert "scheme" in refused.value.fields


def test_only_administrators_do_any_of_it(desk, district):
    row = desk.upload(text(GOOD))
    other = Desk(district.actor("duty-chief-1"), desk.said["at"])
    for refused in (lambda: other.upload(text(GOOD)), lambda: other.ask(row),
                    lambda: other.confirm(row)):  # fmt: skip
        with pytest.raises(Forbidden):
            refused()


def test_nothing_is_confirmed_without_a_dry_run_or_of_another_version(desk):
    row = desk.upload(text(GOOD))
    with pytest.raises(NotAllowed):
        desk.confirm(row)
    seen = row.version
    desk.check(row)
    with pytest.raises(StaleVersion):
        desk.confirm(row, version=seen)
    with pytest.raises(StaleVersion):
        declare_and_check(**desk.said, import_id=row.pk, version=seen, declared=Declared())
    with pytest.raises(NotVisible):
        confirm_import(**desk.said, import_id=row.pk + 1, version=1)


def test_a_file_of_which_no_row_is_accepted_cannot_be_confirmed(desk):
    row = desk.upload(text(BAD))
    desk.check(row)
    with pytest.raises(NotAllowed):
        desk.confirm(row)


def test_while_work_is_under_way_no_other_begins_and_what_was_imported_is_done(desk):
    row = desk.upload(text(GOOD))
    job = desk.ask(row)
    row.refresh_from_db()
    with pytest.raises(NotAllowed):
        desk.ask(row)
    run_job(job_id=job.pk)
    row.refresh_from_db()
    waiting = desk.confirm(row)
    with pytest.raises(NotAllowed):
        desk.confirm(row)
    run_job(job_id=waiting.pk)
    row.refresh_from_db()
    with pytest.raises(NotAllowed):
        desk.confirm(row)
    with pytest.raises(NotAllowed):
        desk.ask(row)


def test_what_the_dry_run_showed_is_not_done_to_a_register_that_has_changed(desk):
    first = desk.take(text(GOOD, header=HEADER))
    assert first.imported["new"] == 1
    header = [*HEADER, "养护单位"]
    row = desk.upload(text([*GOOD, "甲"], header=header))
    desk.check(row, columns={**row.columns, "maintainer_name": "养护单位"})
    assert row.checked["changed"] == 1
    part = imported().get()
    change_part_state(**desk.said, part_id=part.pk, state="broken", reason="试验")
    job = desk.carry_out(row)
    assert (job.state, row.imported) == ("failed", None)
    assert "重新预检" in job.error
    part.refresh_from_db()
    assert (part.maintainer_name, part.state) == ("", "broken")
    desk.check(row, columns={**row.columns, "maintainer_name": "养护单位"})
    assert desk.carry_out(row).state == "done"
    part.refresh_from_db()
    assert part.maintainer_name == "甲"


def test_a_change_elsewhere_does_not_spoil_the_dry_run(desk, district):
    row = desk.upload(text(GOOD))
    desk.check(row)
    change_part_state(**desk.said, part_id=district.parts[0].pk, state="broken", reason="试验")
    assert desk.carry_out(row).state == "done"


def test_every_change_is_kept_with_who_made_it(desk):
    desk.take(text(GOOD))
    moved = ["1", "0101", "上水井盖", *where(east=4)]
    desk.take(text(moved))
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.metadata ->> 'actor', c.metadata ->> 'register', st_x(h.geom)"
            " from parts_parthistory h join pghistory_context c on c.id = h.pgh_context_id"
            " where h.source_key = '普查'"
        )
        ((who, register, x),) = cursor.fetchall()
    assert (who, register) == (desk.said["actor"].username, "普查")
    assert x == pytest.approx(float(where()[0]))


def test_a_stopped_import_leaves_nothing_and_can_be_confirmed_again(desk):
    row = desk.upload(text(GOOD))
    desk.check(row)
    job = desk.confirm(row)
    cancel_job(**desk.said, job_id=job.pk)
    assert run_job(job_id=job.pk).state == "cancelled"
    assert not imported().exists()
    assert desk.carry_out(row).state == "done"


def test_a_wish_to_stop_while_it_writes_rolls_back_what_was_written(desk, monkeypatch):
    from parts.services.imports import register

    row = desk.upload(text(GOOD))
    desk.check(row)
    job = desk.confirm(row)
    write = register.write_parts

    def write_and_stop(cursor, params):
        write(cursor, params)
        Job.objects.filter(pk=job.pk).update(cancel_asked_at=desk.said["at"])

    monkeypatch.setattr(register, "write_parts", write_and_stop)
    # the wish is part of the same transaction here, and goes with it
    assert run_job(job_id=job.pk).state == "cancelled"
    row.refresh_from_db()
    assert (imported().count(), row.imported) == (0, None)

"""What is done inside the site under test, with its database and its settings."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cases.models import Case, Photo, Webhook
from cases.services.history import broken_links
from cases.services.leftovers import folders, remove_leftovers
from cases.workflow import State
from dispatch.services.timers import sweep_timers
from gridcity.authentication import issue_token
from tests import district as small
from tests.cases.test_stays import check_tiled
from tests.factories import start
from tests.faults.census_kills import opening_under_kills
from tests.faults.import_kills import import_under_kills


def lay_out() -> object:
    """The small district with its people: a token for each, and a session of the duty chief."""
    with transaction.atomic():
        district = small.lay_out()
        tokens = {name: issue_token(user) for name, user in district.users.items()}
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(district.users["duty-chief-1"], settings.AUTHENTICATION_BACKENDS[-1])
    return {"tokens": tokens, "session": client.cookies[settings.SESSION_COOKIE_NAME].value}


def again() -> small.TestDistrict:
    """The district as it was laid out before, read back by the names the tests give."""
    district = small.TestDistrict()
    district.users = {user.username: user for user in small.User.objects.all()}
    for name, (kind, code, *_words) in small.CLASSES.items():
        district.classes[name] = small.CatalogueClass.objects.get(
            scheme=small.CURRENT, kind=kind, code=code
        )
    return district


def make(state: str, entry: str, count: str, minutes_ago: str) -> object:
    """Cases of a class, walked to a state some time ago."""
    district, began = again(), timezone.now() - timedelta(minutes=int(minutes_ago))
    return [
        start(district=district, state=State(state), entry=entry, reported_at=began).number
        for _number in range(int(count))
    ]


def make_many(moving: str, late: str, waiting: str, minutes_ago: str) -> object:
    """Cases for `make chaos`: those that people move, and those left to the clock."""
    states = ["REPORTED", "TO_FILE", "TO_DISPATCH", "HANDLING", "TO_CHECK", "CHECKING", "TO_CLOSE"]
    made = {"moving": [], "late": [], "waiting": []}
    for number in range(int(moving)):
        made["moving"] += make(states[number % len(states)], "rubbish", "1", "20")
    made["late"] = make("HANDLING", "handbills", late, minutes_ago)
    made["waiting"] = make("TO_CLOSE", "rubbish", waiting, minutes_ago)
    return made


def hear(name: str, url: str, secret: str) -> object:
    """Have a person's notices posted to another system."""
    user = small.User.objects.get(username=name)
    Webhook.objects.create(receiver=user, url=url, secret=secret, set_at=timezone.now())
    return user.pk


def sweep() -> object:
    """One sweep of the timers."""
    swept = sweep_timers(at=timezone.now())
    return {"done": swept.done, "failed": swept.failed}


def broken() -> object:
    """Cases whose chain of events is not whole."""
    return [link.number for link in broken_links()]


def untiled() -> object:
    """Cases whose stays do not cover their life without gap or overlap."""
    wrong = []
    for case in Case.objects.order_by("pk"):
        try:
            check_tiled(case)
        except AssertionError:
            wrong.append(case.number)
    return wrong


def overdue_work() -> object:
    """What a sweep still finds to do although the clock ran: kinds and counts."""
    long_ago = timezone.now() - timedelta(seconds=30)
    return [[kind, count] for kind, count in sweep_timers(at=long_ago).done.items()]


def leftovers() -> object:
    """How many files without a row there were; they are taken away."""
    return remove_leftovers(at=timezone.now(), youngest=timedelta())


def files() -> object:
    """Files without a row, and rows without a file."""
    there = {name for _folder, names in folders(timezone.now()) for name in names}
    rows = Photo.objects.values_list("file", "thumbnail")
    named = {name.rpartition("/")[2] for row in rows for name in row}
    return {
        "files": len(there),
        "rows": len(rows),
        "without_row": sorted(there - named),
        "without_file": sorted(named - there),
    }


def kill_imports(kills: str) -> object:
    """An import whose worker is killed at many lines; what stood there after each."""
    return import_under_kills(kills)


def kill_openings(kills: str) -> object:
    """The opening of a census whose worker is killed at many lines; what stood there after each."""
    return opening_under_kills(kills)

"""After the storm: nothing lost, nothing twice, nothing half done."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict

import psycopg

from tests.faults.chaos.working import COME_AGAIN, as_json, send

REPEATED = 60  # accepted requests that are sent once more
LEVELS = [0, 1, 2, 3, 4]  # the warning and the four escalations


class Verdicts:
    """One line for each thing that was looked at."""

    def __init__(self):
        self.lines, self.good = [], True

    def say(self, what, count, faults):
        """`faults` names what is wrong; none of it is right."""
        faults = list(faults)
        self.good = self.good and not faults
        verdict = "ok" if not faults else f"{len(faults)} WRONG, such as {faults[:3]}"
        self.lines.append(f"{what:<62} {count:>6}  {verdict}")


def look_over(site, people, hearing, made, before, verdicts, patience_s):
    """Wait until the clock has caught up, then look at everything."""
    wait_until_quiet(site, made, patience_s)
    look_at_requests(site, people.attempts, before, verdicts.say)
    look_at_cases(site, verdicts.say)
    look_at_clocks(site, made, verdicts.say)
    look_at_notices(site, made, hearing.taken, verdicts.say)
    look_at_files(site, verdicts.say)


def look_at_requests(site, attempts, before, say):
    accepted = [one for one in attempts if one.was_accepted]
    away = [one.path for one in attempts if one.status in {0, *COME_AGAIN}]
    errors = [one.told() for one in attempts if one.status in {400, 403, 500}]
    say("requests answered at last", len(attempts), away)
    say("none of them with an error of ours", len(attempts), errors)
    say("accepted requests are one event each", len(accepted), once_each(site, accepted, before))
    again = min(REPEATED, len(accepted))
    say("sent again, the same answer and nothing done", again, repeated(site, accepted))


def look_at_cases(site, say):
    count = site.select("select count(*) from cases_case")[0][0]
    say("cases whose chain of events is whole", count, site.inside("broken"))
    say("cases whose stays tile their life", count, site.inside("untiled"))
    say("cases whose open stay, turn and task fit their one state", count, in_two_states(site))


def look_at_clocks(site, made, say):
    errors = site.select("select error from dispatch_sweeperror where resolved_at is null")
    say("levels of late cases fired once", len(made["late"] * 5), late_fired(site, made["late"]))
    say("cases closed by the clock, once", len(made["waiting"]), closed_once(site, made["waiting"]))
    say("kinds of work that a sweep still finds", 0, site.inside("overdue_work"))
    say("errors of sweeps that stay open", len(errors), errors)


def look_at_notices(site, made, taken, say):
    counted = dict(site.select("select channel = 'inbox', count(*) from cases_delivery group by 1"))
    say("notices in the lists of people, each once", counted.get(True, 0), not_in_lists(site))
    say("levels of late cases told to each once", len(made["late"]), told_twice(site, made["late"]))
    owed = counted.get(False, 0)
    say(f"notices posted elsewhere, in {len(taken)} calls", owed, not_posted(site, taken))
    say("… those of a case and receiver in order", owed, out_of_order(taken))


def look_at_files(site, say):
    left = site.inside("leftovers")
    found = site.inside("files")
    say(f"files with a row ({left} without were swept away)", found["files"], found["without_row"])
    say("rows with their files", found["rows"], found["without_file"])


def wait_until_quiet(site, made, patience_s):
    """The clock has done all that is due and every notice was told, or patience is over."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        try:
            owed = undelivered(site) or late_fired(site, made["late"])
            owed = owed or closed_once(site, made["waiting"])
        except psycopg.OperationalError:
            owed = True
        if not owed:
            return
        site.keep_alive()
        time.sleep(0.5)


def once_each(site, accepted, before):
    """Cases whose new events by people are not as many as the requests that were accepted."""
    wanted = Counter(one.number for one in accepted)
    found = Counter(events_by_people(site))
    found.subtract(before)
    return [
        (number, wanted[number], found[number])
        for number in sorted(set(wanted) | set(found))
        if wanted[number] != found[number]
    ]


def events_by_people(site):
    """How many events of each case are of people: neither the clock's nor the routing's."""
    return dict(
        site.select(
            "select c.number, count(*) from cases_case c join cases_event e on e.case_id = c.id"
            " where e.actor_id is not null group by 1"
        )
    )


def repeated(site, accepted):
    """Requests that, sent again, give another answer or leave another event."""
    before, wrong = events(site), []
    for one in random.Random(0).sample(accepted, min(REPEATED, len(accepted))):
        status, body = send(site, one)
        if (status, as_json(body)) != (one.status, as_json(one.body)):
            wrong.append((one.path, status))
    by_people = events(site) - before
    return wrong + (["new events"] if by_people else [])


def events(site):
    return site.select("select count(*) from cases_event where actor_id is not null")[0][0]


def in_two_states(site):
    """Cases whose open rows do not fit their state."""
    return site.select(
        "select c.number, c.state from cases_case c"
        " left join lateral (select count(*) n, min(state) state from cases_stay"
        "   where case_id = c.id and ended_at is null) s on true"
        " left join lateral (select count(*) n from dispatch_turn"
        "   where case_id = c.id and ended_at is null) t on true"
        " left join lateral (select count(*) n from cases_task"
        "   where case_id = c.id and ended_at is null) k on true"
        " where s.n <> (c.ended_at is null)::int or (s.n = 1 and s.state <> c.state)"
        "  or t.n <> (c.state in ('HANDLING','SUSPENDED','TO_CHECK','CHECKING','TO_CLOSE'))::int"
        "  or k.n <> (c.state in ('VERIFYING','CHECKING'))::int"
    )


def late_fired(site, numbers):
    rows = site.select(
        "select c.number, coalesce(array_agg(f.level order by f.level)"
        "   filter (where f.clock_kind = 'turn'), '{}')"
        " from cases_case c left join dispatch_timerfiring f on f.case_id = c.id"
        " where c.number = any(%s) group by 1", numbers,
    )  # fmt: skip
    return [row for row in rows if row[1] != LEVELS]


def closed_once(site, numbers):
    rows = site.select(
        "select c.number, c.state, count(*) filter (where e.action = 'close')"
        " from cases_case c join cases_event e on e.case_id = c.id"
        " where c.number = any(%s) group by 1, 2", numbers,
    )  # fmt: skip
    return [row for row in rows if row[1:] != ("CLOSED", 1)]


def undelivered(site):
    return site.select("select id, channel from cases_delivery where done_at is null")


def not_in_lists(site):
    """Notices without a line in their receiver's list, or with two, or still owed."""
    return site.select(
        "select d.id from cases_delivery d left join cases_message m on m.delivery_id = d.id "
        "where d.channel = 'inbox' group by d.id having count(m.id) <> 1 or min(d.done_at) is null"
    )


def told_twice(site, numbers):
    """Levels that somebody was told twice of a case left to the clock."""
    return site.select(
        "select c.number, d.receiver_id, d.channel, d.values::text from cases_delivery d"
        " join cases_case c on c.id = d.case_id where c.number = any(%s)"
        " and d.kind in ('warning', 'escalation') group by 1, 2, 3, 4 having count(*) > 1", numbers,
    )  # fmt: skip


def not_posted(site, taken):
    """Notices that never arrived at the other system, and what arrived without being owed."""
    rows = site.select("select id, done_at from cases_delivery where channel <> 'inbox'")
    arrived = {notice for _person, _case, notice in taken}
    lost = [notice for notice, done_at in rows if done_at is None or notice not in arrived]
    return lost + sorted(arrived - {notice for notice, _done_at in rows})


def out_of_order(taken):
    """People and cases whose notices did not arrive for the first time as they became owed."""
    lanes = defaultdict(list)
    for person, case, notice in taken:
        if notice not in lanes[person, case]:
            lanes[person, case].append(notice)
    return [lane for lane, notices in lanes.items() if notices != sorted(notices)]

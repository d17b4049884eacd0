-- A batch of handling clocks that are due: lock, ledger, event, end of the chain, notices, next mark.
with due as materialized (
    select t.id as turn_id, t.timer_at, t.department_id, c.id as case_id, c.state, c.last_seq,
           c.last_sha256
    from dispatch_turn t
    join cases_case c on c.id = t.case_id
    where t.timer_at < now()
    order by t.timer_at, t.id
    limit :batch
    for no key update of t, c skip locked
), ledger as (
    insert into dispatch_timerfiring (
        clock_kind, clock_id, level, share, case_id, occurred_at, at)
    select 'turn', turn_id, 1, 80, case_id, timer_at, now() from due
    on conflict do nothing
), chained as (
    insert into cases_event (
        case_id, seq, action, role, occurred_at, at, time_flagged, from_state, to_state, reason,
        changes, prev_sha256, sha256)
    select case_id, last_seq + 1, 'urge', 'clock', timer_at, now(), false, state, state, '',
           jsonb_build_object('clock', 'turn', 'share', 80, 'told', 'members'), last_sha256,
           sha256(last_sha256)
    from due
), ends as (
    update cases_case c
    set last_seq = due.last_seq + 1, last_sha256 = sha256(due.last_sha256)
    from due where c.id = due.case_id
), owed as (
    insert into cases_delivery (case_id, receiver_id, channel, kind, values, due_at)
    select due.case_id, m.user_id, 'inbox', 'warning',
           jsonb_build_object('share', 80, 'clock', 'turn'), now()
    from due join dispatch_membership m on m.department_id = due.department_id
)
update dispatch_turn t
set timer_level = timer_level + 1, timer_at = marks[timer_level + 2]
from due where t.id = due.turn_id;

-- One transition: login, lock, event, stay, next stay, case, answer kept.
\set n random(1, :opened)
select number from bench_open where n = :n \gset
select id, username, roles from gridcity_user where id = 1;
begin;
insert into cases_idempotencykey (user_id, key, content_sha256, created_at)
select min(id), gen_random_uuid(), sha256('content'), now() from gridcity_user
on conflict do nothing returning id as key_id \gset
select id as case_id, last_seq + 1 as seq, state, version
from cases_case where number = :number::text for no key update \gset
insert into cases_event (
    case_id, seq, action, actor_id, role, occurred_at, at, time_flagged, from_state, to_state,
    reason, changes, prev_sha256, sha256)
select :case_id, :seq, 'accept', min(id), 'acceptor', now(), now(), false, :state::text, 'TO_FILE',
       '', '{}', sha256(''), sha256('link')
from gridcity_user;
update cases_stay set ended_at = greatest(now(), began_at), actor_role = 'acceptor', in_time = true
where case_id = :case_id and ended_at is null;
insert into cases_stay (
    case_id, seq, state, began_at, limit_s, used_before_s, due_at, green_until, provisional,
    actor_role, undone)
values (
    :case_id, :seq, 'TO_FILE', now(), 900, 0, now() + interval '15 minutes',
    now() + interval '12 minutes', false, '', false);
update cases_case
set state = state, state_since = now(), version = version + 1, last_seq = :seq,
    last_sha256 = sha256('link'), due_at = now() + interval '15 minutes',
    green_until = now() + interval '12 minutes'
where id = :case_id;
update cases_idempotencykey
set status = 200, answer = jsonb_build_object('number', :number::text, 'status', 'TO_FILE')
where id = :key_id;
commit;

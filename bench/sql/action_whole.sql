-- One transition: login, lock, event, stay, next stay, case, answer kept; the answer is the case.
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
select c.*, k.*, s.code, s.name, m.code, m.name, g.code
from cases_case c
join parts_catalogueclass k on k.id = c.catalogue_class_id
left join parts_street s on s.id = c.street_id
left join parts_community m on m.id = c.community_id
left join parts_cell g on g.id = c.cell_id
where c.id = :case_id;
select t.*, d.code, d.name from dispatch_turn t join dispatch_department d on d.id = t.department_id
where t.case_id = :case_id order by t.number;
select e.*, u.full_name
from cases_event e left join gridcity_user u on u.id = e.actor_id
where e.case_id = :case_id order by e.seq;
select y.*, u.full_name
from cases_stay y left join gridcity_user u on u.id = y.actor_id
where y.case_id = :case_id order by y.seq;
select k.*, u.full_name
from cases_task k join gridcity_user u on u.id = k.assignee_id
where k.case_id = :case_id order by k.id;
select f.* from cases_photo f where f.case_id = :case_id order by f.id;
select r.* from dispatch_request r where r.case_id = :case_id order by r.id;
select r.* from cases_reporter r where r.case_id = :case_id and r.purged_at is null;
update cases_idempotencykey
set status = 200, answer = jsonb_build_object('number', :number::text, 'status', 'TO_FILE')
where id = :key_id;
commit;

-- A report: login, key, cell, number, case, event, stay, possible duplicates, answer kept.
\set n random(1, :places)
select lon, lat, class_id, supervisor_id from bench_place where n = :n \gset
select id, username, roles from gridcity_user where id = :supervisor_id;
begin;
insert into cases_idempotencykey (user_id, key, content_sha256, created_at)
values (:supervisor_id, gen_random_uuid(), sha256('content'), now())
on conflict do nothing returning id as key_id \gset
select c.id as cell, m.id as community, s.id as street
from parts_cell c
join parts_edition e on e.id = c.edition_id and e.state = 'current'
join parts_community m on m.id = c.community_id
join parts_street s on s.id = m.street_id
where c.end_on is null
  and ST_Covers(c.geom, ST_SetSRID(ST_MakePoint(:lon::float8, :lat::float8), 4490))
order by c.code
limit 1 \gset
select '1101012026' || lpad(cases_next_serial(2026)::text, 7, '0') as number \gset
insert into cases_case (
    number, kind, catalogue_class_id, state, version, round, no_part_reason, point, accuracy_m,
    placed_by, place_text, cell_id, community_id, street_id, description, source, sources,
    reported_by_id, reported_at, occurred_at, verify_outcome, verify_waived_reason,
    standard_condition, closing_condition, limit_unit, limit_area, ever_finished, state_since,
    due_at, green_until, result, self_handled, last_seq, last_sha256)
values (
    :number::text, 'event', :class_id, 'REPORTED', 1, 1, '',
    ST_SetSRID(ST_MakePoint(:lon::float8, :lat::float8), 4490), 8, 'gps', '路口西北角',
    :cell, :community, :street, '巡查发现该处问题，影响通行，请尽快处理', 'SUPERVISOR',
    '{SUPERVISOR}', :supervisor_id, now(), now(), '', '', '', '', '', '', false, now(),
    now() + interval '15 minutes', now() + interval '12 minutes', '', false, 1, sha256('link'))
returning id as case_id \gset
insert into cases_event (
    case_id, seq, action, actor_id, role, occurred_at, at, time_flagged, from_state, to_state,
    reason, changes, prev_sha256, sha256)
values (
    :case_id, 1, 'report', :supervisor_id, 'supervisor', now(), now(), false, '', 'REPORTED', '',
    jsonb_build_object('cell', :cell::bigint, 'source', 'SUPERVISOR', 'photos', '[]'::jsonb,
        'kind', 'event', 'point', jsonb_build_array(:lon::float8, :lat::float8),
        'description', '巡查发现该处问题，影响通行，请尽快处理'),
    sha256(''), sha256('link'));
insert into cases_stay (
    case_id, seq, state, began_at, limit_s, used_before_s, due_at, green_until, provisional,
    actor_role, undone)
values (
    :case_id, 1, 'REPORTED', now(), 900, 0, now() + interval '15 minutes',
    now() + interval '12 minutes', false, '', false);
select c.number, c.state, c.reported_at, c.part_id, c.cell_id, k.name, s.name,
       ST_DistanceSphere(c.point, ST_SetSRID(ST_MakePoint(:lon::float8, :lat::float8), 4490))
from cases_case c
join parts_catalogueclass k on k.id = c.catalogue_class_id
left join parts_street s on s.id = c.street_id
where c.catalogue_class_id = :class_id
  and c.cell_id = any((select array_append(neighbours, id) from parts_cell where id = :cell)::bigint[])
  and c.state not in ('NOT_ACCEPTED', 'NOT_FILED', 'VOIDED', 'MERGED')
  and not (c.state in ('CLOSED', 'FORCE_CLOSED') and c.state_since < now() - interval '30 days')
  and c.id <> :case_id
order by c.id desc
limit 20;
update cases_idempotencykey
set status = 201, answer = jsonb_build_object('number', :number::text, 'status', 'REPORTED')
where id = :key_id;
commit;

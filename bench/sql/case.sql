-- A case with its whole history.
\set n random(1, :cases)
select number from bench_case where n = :n \gset
select id, username, roles from gridcity_user where id = 1;
select c.*, k.*, s.code, s.name, m.code, m.name, g.code, p.code, f.full_name
from cases_case c
join parts_catalogueclass k on k.id = c.catalogue_class_id
left join parts_street s on s.id = c.street_id
left join parts_community m on m.id = c.community_id
left join parts_cell g on g.id = c.cell_id
left join parts_part p on p.id = c.part_id
left join gridcity_user f on f.id = c.filed_by_id
where c.number = :number::text;
select id as case_id from cases_case where number = :number::text \gset
select t.*, d.code, d.name, u.full_name
from dispatch_turn t
join dispatch_department d on d.id = t.department_id
left join gridcity_user u on u.id = t.dispatched_by_id
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
select f.*, e.action
from cases_photo f join cases_event e on e.id = f.event_id
where f.case_id = :case_id order by f.id;
select r.* from dispatch_request r where r.case_id = :case_id order by r.id;
select r.* from cases_reporter r where r.case_id = :case_id and r.purged_at is null;

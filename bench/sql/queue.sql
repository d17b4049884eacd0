-- The first page of a filtered queue: login, 50 rows of the lists, who has each of them now.
\set n random(1, :cases)
select c.street_id, c.id from bench_case b join cases_case c on c.id = b.id where b.n = :n \gset
select id, username, roles from gridcity_user where id = 1;
select c.id, c.number, c.kind, c.state, c.version, c.source, c.description, c.place_text,
       c.reported_at, c.state_since, c.due_at, c.green_until, c.ended_at, k.code, k.name,
       s.code, s.name, m.name, g.code, c.limit_value, c.limit_unit
from cases_case c
join parts_catalogueclass k on k.id = c.catalogue_class_id
left join parts_street s on s.id = c.street_id
left join parts_community m on m.id = c.community_id
left join parts_cell g on g.id = c.cell_id
where c.state = 'HANDLING' and c.street_id = :street_id
order by c.id desc
limit 51;
select t.case_id, d.code, d.name
from dispatch_turn t
join dispatch_department d on d.id = t.department_id
where t.ended_at is null and t.case_id in (
    select c.id from cases_case c where c.state = 'HANDLING' and c.street_id = :street_id
    order by c.id desc limit 50);

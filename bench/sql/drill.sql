-- The first page of the turns finished in a day, with their cases; and how many there are.
\set n random(1, 28)
select t.id, d.name, t.began_at, t.due_at, t.finished_at, c.number, c.state, k.name, s.name
from assessment_turnfact t
join cases_case c on c.id = t.case_id
join parts_catalogueclass k on k.id = c.catalogue_class_id
left join parts_street s on s.id = c.street_id
left join dispatch_department d on d.id = t.department_id
where t.finished_at >= now() - make_interval(days => :n)
  and t.finished_at < now() - make_interval(days => :n - 1)
  and t.known_to > now() and not t.undone and not t.out
order by t.id desc limit 51;
select count(*) from assessment_turnfact t
where t.finished_at >= now() - make_interval(days => :n)
  and t.finished_at < now() - make_interval(days => :n - 1)
  and t.known_to > now() and not t.undone and not t.out;

-- A month of all figures: what is kept in sums by each dimension, and what stands at this moment.
select department_id, street_id, catalogue_class_id, base, sum(counts[1]), sum(counts[2]),
       sum(counts[3]), sum(counts[4])
from assessment_dailysum
where span = 'm' and first = date_trunc('month', now() at time zone 'Asia/Shanghai')::date
group by grouping sets ((base), (base, department_id), (base, street_id),
                        (base, catalogue_class_id));
select street_id, department_id, count(*) from assessment_turnfact
where needed_until >= now() and valid_from < now() and known_to > now()
group by grouping sets ((), (street_id), (department_id));
select street_id, state, count(*) from assessment_stayfact
where needed_until >= now() and valid_from < now() and known_to > now()
group by grouping sets ((), (street_id), (state));
select street_id, count(*) from assessment_casefact
where needed_until >= now() and valid_from < now() and known_to > now()
group by grouping sets ((), (street_id));

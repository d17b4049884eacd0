-- The role that tests and benchmarks log in with: it makes and drops databases of its own and may
-- read nothing of the product's. Run by a superuser in template1, so that each database it makes
-- has PostGIS, which only a superuser may install.

\set ON_ERROR_STOP on
\getenv test_password GRIDCITY_TEST_DB_PASSWORD
set client_min_messages = warning;

create extension if not exists postgis;

select 'create role gridcity_test'
where not exists (select from pg_roles where rolname = 'gridcity_test')
\gexec

alter role gridcity_test login nosuperuser createdb password :'test_password';
alter role gridcity_test set max_parallel_workers_per_gather = 0;
alter role gridcity_test set jit = off;

-- To change history behind the guards' back, as a superuser could, and see that it is found out.
grant set on parameter session_replication_role to gridcity_test;

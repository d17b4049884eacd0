-- The roles of the product and what each may do; run by a superuser in the product's database, as
-- often as one likes. psql reads the two passwords from its environment.
--
-- gridcity_owner owns the database and, by migrating, every table. gridcity is the role that web,
-- worker and beat log in with: it reads and writes rows, owns nothing, and so can neither drop a
-- table nor switch off a trigger that guards the history.

\set ON_ERROR_STOP on
\getenv owner_password GRIDCITY_OWNER_DB_PASSWORD
\getenv application_password GRIDCITY_DB_PASSWORD
set client_min_messages = warning;

select format('create role %I', name)
from unnest(array['gridcity_owner', 'gridcity']) as name
where not exists (select from pg_roles where rolname = name)
\gexec

alter role gridcity_owner login nosuperuser nocreatedb nocreaterole password :'owner_password';
alter role gridcity login nosuperuser nocreatedb nocreaterole password :'application_password';

alter database :"DBNAME" owner to gridcity_owner;
create extension if not exists postgis;

-- A parallel worker loads the projection library anew for each query (about 80 ms): a tile of 400
-- points took 120 ms with parallel plans and 1 ms without. Reports switch both on for themselves.
alter database :"DBNAME" set max_parallel_workers_per_gather = 0;
alter database :"DBNAME" set jit = off;

revoke create on schema public from public;
grant usage on schema public to gridcity;
alter default privileges for role gridcity_owner in schema public
    grant select, insert, update, delete on tables to gridcity;
alter default privileges for role gridcity_owner in schema public
    grant usage, select, update on sequences to gridcity;
alter default privileges for role gridcity_owner in schema public
    grant execute on functions to gridcity;

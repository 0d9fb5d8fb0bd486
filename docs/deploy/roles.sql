-- Two roles and a database, for an external PostgreSQL 15 or later. Run once as its administrator, with
-- passwords of your own:  psql -v owner_password=… -v app_password=… -f roles.sql
-- The owner migrates and backs up. The application's role serves: it owns nothing, and gets each right
-- that it has from the migrations.
create role evenhour_owner login password :'owner_password';
create role evenhour_app login password :'app_password';
create database evenhour owner evenhour_owner template template0 encoding 'UTF8' locale 'C.UTF-8';
revoke all on database evenhour from public;
grant connect on database evenhour to evenhour_app;

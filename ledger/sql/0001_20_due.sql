-- The banks in which a hold's time has run out: one of the narrow looks across banks, for the worker, which
-- then opens a transaction in each. Reads the due end of an index of what is still held, and nothing else.
create function banks_with_due_holds(p_at timestamptz) returns setof uuid
language sql stable security definer
set search_path = public, pg_temp
set enable_seqscan = off
as $$
    select distinct bank_id from ledger_hold where state = 'held' and expires_at <= p_at
$$

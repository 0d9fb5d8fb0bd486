-- The first line of every function that writes. The owner's rights skip row-level security, so without
-- this comparison a function called with another bank's id would write into that bank. Writers share the
-- bank; what must be alone with it (closing a period, moving the log's clock) waits for them, and they
-- for it. This lock comes before any other, here and everywhere.
--
-- One expression in SQL, called as one (v := ledger_enter(…)): it is then part of its caller's plan, and
-- costs a third of what a call does.
create function ledger_enter(p_bank uuid, p_alone boolean default false) returns boolean
language sql
as $$
    select case
        when p_bank::text is distinct from current_setting('evenhour.bank_id', true)
        then ledger_refuse('another_bank', null)::text
        when p_alone then pg_advisory_xact_lock(uuid_hash_extended(p_bank, 0))::text
        else pg_advisory_xact_lock_shared(uuid_hash_extended(p_bank, 0))::text
    end is not null
$$

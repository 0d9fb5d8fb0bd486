-- The first line of every function that writes. The owner's rights skip row-level security, so without
-- this comparison a function called with another bank's id would write into that bank. Writers share the
-- bank; what must be alone with it (closing a period, moving the log's clock) waits for them, and they
-- for it. This lock comes before any other, here and everywhere.
--
-- It is called as an expression (v := ledger_enter(…)) because a query around it costs more than it does.
create function ledger_enter(p_bank uuid, p_alone boolean default false) returns boolean
language plpgsql
as $$
begin
    if p_bank is distinct from nullif(current_setting('evenhour.bank_id', true), '')::uuid then
        perform ledger_refuse('another_bank', null);
    end if;
    return case when p_alone
        then pg_advisory_xact_lock(uuid_hash_extended(p_bank, 0))::text
        else pg_advisory_xact_lock_shared(uuid_hash_extended(p_bank, 0))::text
    end is not null;
end
$$

-- Ends every hold whose time has run out, and returns their ids.
create function ledger_expire_holds(p_bank uuid, p_at timestamptz) returns uuid[]
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_due uuid[];
begin
    v_is_in := ledger_enter(p_bank);
    select coalesce(array_agg(h.hold_id), '{}') into v_due
    from (
        select hold_id from ledger_hold
        where bank_id = p_bank and state = 'held' and expires_at <= p_at
        order by hold_id
        for update
    ) h;
    perform ledger_end_holds(p_bank, p_at, v_due, 'expired');
    return v_due;
end
$$

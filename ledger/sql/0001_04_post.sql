-- Posts a list of transfers, whole or, with p_each, each for itself.
--
-- The plan is made once and looks for rows by their keys: planned for the first, empty books it would read
-- whole tables, and planned for each list it would cost more than the list.
create function ledger_post(
    p_bank uuid, p_at timestamptz, p_each boolean,
    p_ids uuid[], p_payers uuid[], p_payees uuid[], p_amounts bigint[], p_days date[], p_may_be_late boolean[],
    p_currencies text[], p_references uuid[]
) returns ledger_booked
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
begin
    v_is_in := ledger_enter(p_bank);
    return ledger_write(
        p_bank, p_at, p_each, p_ids, p_payers, p_payees, p_amounts, p_days, p_may_be_late,
        p_currencies, p_references, null, null);
end
$$

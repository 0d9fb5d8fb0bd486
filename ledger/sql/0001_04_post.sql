-- Posts a list of transfers, whole or, with p_each, each for itself.
create function ledger_post(
    p_bank uuid, p_at timestamptz, p_each boolean,
    p_ids uuid[], p_payers uuid[], p_payees uuid[], p_amounts bigint[], p_days date[], p_may_be_late boolean[],
    p_currencies text[], p_references uuid[],
    out payer_balances bigint[], out payer_versions bigint[],
    out payee_balances bigint[], out payee_versions bigint[],
    out days date[], out late_days date[], out moments timestamptz[], out failures text[]
)
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
    perform ledger_enter(p_bank);
    select w.* into payer_balances, payer_versions, payee_balances, payee_versions,
                    days, late_days, moments, failures
    from ledger_write(
        p_bank, p_at, p_each, p_ids, p_payers, p_payees, p_amounts, p_days, p_may_be_late,
        p_currencies, p_references, null, null, 0) w;
end
$$

-- Stops all movement on an account, or lets it move again.
create function ledger_freeze(p_bank uuid, p_account uuid, p_is_frozen boolean) returns void
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
begin
    v_is_in := ledger_enter(p_bank);
    update ledger_account set is_frozen = p_is_frozen where bank_id = p_bank and account_id = p_account;
    if not found then
        perform ledger_refuse('unknown_account', jsonb_build_object('account_id', p_account));
    end if;
end
$$

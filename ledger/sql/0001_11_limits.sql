-- Moves an account's floor and ceiling. One that now stands outside them may come back and go no further.
create function ledger_set_limits(
    p_bank uuid, p_account uuid, p_floor bigint, p_ceiling bigint
) returns void
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
begin
    v_is_in := ledger_enter(p_bank);
    if p_floor > p_ceiling then
        perform ledger_refuse('floor_above_ceiling', jsonb_build_object('account_id', p_account));
    end if;
    if exists (select from ledger_account where bank_id = p_bank and account_id = p_account
               and closed_at is not null) then
        perform ledger_refuse('account_closed', jsonb_build_object('account_id', p_account));
    end if;
    update ledger_account
    set floor = p_floor, ceiling = p_ceiling,
        lowest = ledger_lowest(p_floor, balance - held), highest = ledger_highest(p_ceiling, balance)
    where bank_id = p_bank and account_id = p_account;
    if not found then
        perform ledger_refuse('unknown_account', jsonb_build_object('account_id', p_account));
    end if;
end
$$

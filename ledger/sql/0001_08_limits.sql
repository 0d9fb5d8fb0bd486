-- Moves an account's floor and ceiling. One that now stands outside them may come back and go no further.
create function ledger_set_limits(
    p_bank uuid, p_account uuid, p_floor bigint, p_ceiling bigint
) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
    perform ledger_enter(p_bank);
    if p_floor > p_ceiling then
        perform ledger_refuse('floor_above_ceiling', jsonb_build_object('account_id', p_account));
    end if;
    update ledger_account
    set floor = p_floor, ceiling = p_ceiling,
        under_floor_minor = greatest(0, coalesce(p_floor - (balance - held), 0)),
        over_ceiling_minor = greatest(0, coalesce(balance - p_ceiling, 0))
    where bank_id = p_bank and account_id = p_account;
    if not found then
        perform ledger_refuse('unknown_account', jsonb_build_object('account_id', p_account));
    end if;
end
$$

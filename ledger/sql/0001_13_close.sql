-- Closes an account for good. What is left on it goes to p_rest_to, or comes from there; returns that
-- transfer, if one was needed. Closing again changes nothing.
create function ledger_close(
    p_bank uuid, p_at timestamptz, p_account uuid, p_rest_to uuid, p_transfer uuid, p_day date
) returns ledger_transfer
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_account ledger_account;
    v_transfer ledger_transfer;
begin
    v_is_in := ledger_enter(p_bank);
    perform from ledger_account
    where bank_id = p_bank and account_id in (p_account, p_rest_to)
    order by account_id
    for no key update;
    select * into v_account from ledger_account where bank_id = p_bank and account_id = p_account;
    if not found then
        perform ledger_refuse('unknown_account', jsonb_build_object('account_id', p_account));
    elsif v_account.closed_at is null and v_account.held > 0 then
        perform ledger_refuse('holds_remain', jsonb_build_object(
            'account_id', p_account, 'held_minor', v_account.held));
    elsif v_account.balance <> 0 and p_rest_to is null then
        perform ledger_refuse('balance_not_zero', jsonb_build_object(
            'account_id', p_account, 'balance_minor', v_account.balance));
    end if;
    if v_account.balance <> 0 then
        -- Its own limits are at an end; those of the account that takes the rest still hold.
        update ledger_account
        set floor = null, ceiling = null, lowest = ledger_lowest(null, 0), highest = ledger_highest(null, 0)
        where bank_id = p_bank and account_id = p_account;
        perform ledger_write(
            p_bank, p_at, false, array[p_transfer],
            array[case when v_account.balance > 0 then p_account else p_rest_to end],
            array[case when v_account.balance > 0 then p_rest_to else p_account end],
            array[abs(v_account.balance)], array[p_day], array[false], array[v_account.currency],
            array[null::uuid], null, null);
    end if;
    update ledger_account
    set closed_at = p_at, lowest = 0, highest = 0
    where bank_id = p_bank and account_id = p_account and closed_at is null;
    select * into v_transfer from ledger_transfer where bank_id = p_bank and transfer_id = p_transfer;
    return v_transfer;
end
$$

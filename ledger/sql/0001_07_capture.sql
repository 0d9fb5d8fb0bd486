-- Pays all or part of a hold to an account; what is not paid is given back. It ends the hold: of two
-- captures at once the second waits here for the first, and finds the hold ended.
create function ledger_capture(
    p_bank uuid, p_at timestamptz, p_hold uuid, p_transfer uuid, p_payee uuid, p_amount bigint, p_day date,
    p_may_be_late boolean
) returns ledger_transfer
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_hold ledger_hold;
    v_account ledger_account;
    v_amount bigint;
    v_transfer ledger_transfer;
begin
    v_is_in := ledger_enter(p_bank);
    select * into v_hold from ledger_hold where bank_id = p_bank and hold_id = p_hold for update;
    if not found then
        perform ledger_refuse('unknown_hold', jsonb_build_object('hold_id', p_hold));
    end if;
    v_amount := coalesce(p_amount, v_hold.amount_minor);
    if not exists (select from ledger_transfer where bank_id = p_bank and transfer_id = p_transfer) then
        if v_hold.state <> 'held' then
            perform ledger_refuse('hold_ended', jsonb_build_object('hold_id', p_hold, 'state', v_hold.state));
        elsif v_hold.expires_at <= p_at then
            perform ledger_refuse('hold_ended', jsonb_build_object('hold_id', p_hold, 'state', 'expired'));
        elsif v_amount > v_hold.amount_minor then
            perform ledger_refuse('capture_exceeds_hold', jsonb_build_object(
                'hold_id', p_hold, 'held_minor', v_hold.amount_minor));
        end if;
        perform from ledger_account
        where bank_id = p_bank and account_id in (v_hold.account_id, p_payee)
        order by account_id
        for no key update;
        perform ledger_end_holds(p_bank, p_at, array[p_hold], 'captured');
    end if;
    select * into v_account from ledger_account where bank_id = p_bank and account_id = v_hold.account_id;
    perform ledger_write(
        p_bank, p_at, false, array[p_transfer], array[v_hold.account_id], array[p_payee], array[v_amount],
        array[p_day], array[p_may_be_late], array[v_account.currency], array[v_hold.reference], null, p_hold);
    select * into v_transfer from ledger_transfer where bank_id = p_bank and transfer_id = p_transfer;
    return v_transfer;
end
$$

-- Sets an amount aside on one account. A refused hold leaves nothing behind, so its id may be used again.
create function ledger_hold(
    p_bank uuid, p_at timestamptz, p_hold uuid, p_account uuid, p_amount bigint, p_expires_at timestamptz,
    p_reference uuid
) returns ledger_hold
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_account ledger_account;
    v_hold ledger_hold;
begin
    v_is_in := ledger_enter(p_bank);
    select * into v_account from ledger_account
    where bank_id = p_bank and account_id = p_account
    for no key update;
    select * into v_hold from ledger_hold where bank_id = p_bank and hold_id = p_hold;
    if found then
        if (v_hold.account_id, v_hold.amount_minor, v_hold.expires_at, v_hold.reference)
           is distinct from (p_account, p_amount, p_expires_at, p_reference) then
            perform ledger_refuse('different_hold_same_id', jsonb_build_object('hold_id', p_hold));
        end if;
        return v_hold;
    end if;
    if p_amount < 1 or p_amount > 9007199254740992 then
        perform ledger_refuse('bad_amount', jsonb_build_object('amount_minor', p_amount));
    elsif v_account.account_id is null then
        perform ledger_refuse('unknown_account', jsonb_build_object('account_id', p_account));
    elsif v_account.closed_at is not null then
        perform ledger_refuse('account_closed', jsonb_build_object('account_id', p_account));
    elsif v_account.is_frozen then
        perform ledger_refuse('account_frozen', jsonb_build_object('account_id', p_account));
    elsif p_expires_at <= p_at then
        perform ledger_refuse('hold_ended', jsonb_build_object('hold_id', p_hold, 'state', 'expired'));
    elsif v_account.balance - v_account.held - p_amount < v_account.floor then
        perform ledger_refuse('floor_crossed', jsonb_build_object(
            'account_id', p_account,
            'shortfall_minor', v_account.floor - (v_account.balance - v_account.held - p_amount)));
    end if;
    insert into ledger_hold (
        bank_id, hold_id, account_id, amount_minor, state, reference, held_at, expires_at)
    values (p_bank, p_hold, p_account, p_amount, 'held', p_reference, p_at, p_expires_at)
    returning * into v_hold;
    update ledger_account set held = held + p_amount where bank_id = p_bank and account_id = p_account;
    return v_hold;
end
$$

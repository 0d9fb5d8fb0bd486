-- Which rule an item breaks, as {"rule": …, what the error says}; null when it breaks none.
--
-- Only asked about an item that ledger_write has already found wanting, so it may take its time. p_paid and
-- p_received are the two balances as they would be after the item.
create function ledger_explain(
    p_bank uuid, p_id uuid, p_payer uuid, p_payee uuid, p_amount bigint, p_currency text, p_day date,
    p_may_be_late boolean, p_is_taken boolean, p_today date, p_open_from date, p_paid bigint, p_received bigint
) returns jsonb
language plpgsql
as $$
declare
    v_payer ledger_account;
    v_payee ledger_account;
    v_wrong uuid;
begin
    select * into v_payer from ledger_account where bank_id = p_bank and account_id = p_payer;
    select * into v_payee from ledger_account where bank_id = p_bank and account_id = p_payee;
    if p_is_taken then
        return jsonb_build_object('rule', 'different_transfer_same_id', 'transfer_id', p_id);
    elsif p_amount < 1 or p_amount > 9007199254740992 then
        return jsonb_build_object('rule', 'bad_amount', 'amount_minor', p_amount);
    elsif p_payer = p_payee then
        return jsonb_build_object('rule', 'same_account', 'account_id', p_payer);
    elsif v_payer.account_id is null or v_payee.account_id is null then
        v_wrong := case when v_payer.account_id is null then p_payer else p_payee end;
        return jsonb_build_object('rule', 'unknown_account', 'account_id', v_wrong);
    elsif v_payer.currency <> p_currency or v_payee.currency <> p_currency then
        v_wrong := case when v_payer.currency <> p_currency then p_payer else p_payee end;
        return jsonb_build_object('rule', 'currency_mismatch', 'account_id', v_wrong, 'currency', p_currency);
    elsif v_payer.closed_at is not null or v_payee.closed_at is not null then
        v_wrong := case when v_payer.closed_at is not null then p_payer else p_payee end;
        return jsonb_build_object('rule', 'account_closed', 'account_id', v_wrong);
    elsif v_payer.is_frozen or v_payee.is_frozen then
        v_wrong := case when v_payer.is_frozen then p_payer else p_payee end;
        return jsonb_build_object('rule', 'account_frozen', 'account_id', v_wrong);
    elsif not isfinite(p_day) then
        return jsonb_build_object('rule', 'bad_day');
    elsif p_day > p_today then
        return jsonb_build_object('rule', 'day_in_future', 'happened_on', p_day, 'today', p_today);
    elsif p_day < p_open_from and not p_may_be_late then
        return jsonb_build_object('rule', 'period_closed', 'happened_on', p_day, 'open_from', p_open_from);
    elsif p_paid - v_payer.held < v_payer.floor then
        return jsonb_build_object('rule', 'floor_crossed', 'account_id', p_payer,
                                  'shortfall_minor', v_payer.floor - (p_paid - v_payer.held));
    elsif p_received > v_payee.ceiling then
        return jsonb_build_object('rule', 'ceiling_crossed', 'account_id', p_payee,
                                  'excess_minor', p_received - v_payee.ceiling);
    elsif p_paid < -9007199254740992 or p_received > 9007199254740992 then
        return jsonb_build_object('rule', 'balance_too_large');
    end if;
    return null;
end
$$

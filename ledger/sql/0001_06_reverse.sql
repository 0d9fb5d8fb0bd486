-- Books a transfer's opposite, once. The new row points back; the old one stays as it was.
create function ledger_reverse(
    p_bank uuid, p_at timestamptz, p_transfer uuid, p_reversal uuid, p_day date
) returns ledger_transfer
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_first ledger_transfer;
    v_reversal ledger_transfer;
begin
    v_is_in := ledger_enter(p_bank);
    select * into v_first from ledger_transfer where bank_id = p_bank and transfer_id = p_transfer;
    if not found then
        perform ledger_refuse('unknown_transfer', jsonb_build_object('transfer_id', p_transfer));
    end if;
    if v_first.reverses is not null then
        perform ledger_refuse('reversal_stands', jsonb_build_object('transfer_id', p_transfer));
    end if;
    -- Two reversals at once meet on these locks; the second then sees what the first has written.
    perform from ledger_account
    where bank_id = p_bank and account_id in (v_first.payer_id, v_first.payee_id)
    order by account_id
    for no key update;
    select * into v_reversal from ledger_transfer where bank_id = p_bank and reverses = p_transfer;
    if found and v_reversal.transfer_id <> p_reversal then
        perform ledger_refuse('already_reversed', jsonb_build_object(
            'transfer_id', p_transfer, 'reversal_id', v_reversal.transfer_id));
    end if;
    perform ledger_write(
        p_bank, p_at, false, array[p_reversal], array[v_first.payee_id], array[v_first.payer_id],
        array[v_first.amount_minor], array[p_day], array[false], array[v_first.currency],
        array[v_first.reference], p_transfer, null);
    select * into v_reversal from ledger_transfer where bank_id = p_bank and transfer_id = p_reversal;
    return v_reversal;
end
$$

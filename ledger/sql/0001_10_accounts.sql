-- Opens an account; the same call again changes nothing, other contents are refused.
create function ledger_open_account(
    p_bank uuid, p_account uuid, p_currency text, p_floor bigint, p_ceiling bigint, p_at timestamptz
) returns void
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_known ledger_account;
begin
    v_is_in := ledger_enter(p_bank);
    if not exists (select from ledger_currency where bank_id = p_bank and code = p_currency) then
        perform ledger_refuse('unknown_currency', jsonb_build_object('currency', p_currency));
    end if;
    if p_floor > p_ceiling then
        perform ledger_refuse('floor_above_ceiling', jsonb_build_object('account_id', p_account));
    end if;
    insert into ledger_account (
        bank_id, account_id, currency, floor, ceiling, lowest, highest, opened_at, booked_at)
    values (p_bank, p_account, p_currency, p_floor, p_ceiling,
            ledger_lowest(p_floor, 0), ledger_highest(p_ceiling, 0), p_at, p_at)
    on conflict (bank_id, account_id) do nothing;
    if not found then
        select * into v_known from ledger_account where bank_id = p_bank and account_id = p_account;
        if (v_known.currency, v_known.floor, v_known.ceiling) is distinct from (p_currency, p_floor, p_ceiling) then
            perform ledger_refuse('different_account_same_id', jsonb_build_object('account_id', p_account));
        end if;
    end if;
end
$$

-- Posts one transfer. Whatever is not plain (a repeat, a late day, a broken rule) is left to ledger_write, which
-- knows every rule by name; nothing is written by then.
create function ledger_post_one(
    p_bank uuid, p_at timestamptz, p_id uuid, p_payer uuid, p_payee uuid, p_amount bigint, p_day date,
    p_may_be_late boolean, p_currency text, p_reference uuid
) returns ledger_booked_one
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
    v_is_in boolean;
    v_written ledger_booked;
begin
    begin
        return ledger_post_plain_one(
            p_bank, p_at, p_id, p_payer, p_payee, p_amount, p_day, p_currency, p_reference);
    exception
        when no_data_found or unique_violation or check_violation or numeric_value_out_of_range then
            null;
    end;
    v_is_in := ledger_enter(p_bank);
    v_written := ledger_write(
        p_bank, p_at, false, array[p_id], array[p_payer], array[p_payee], array[p_amount], array[p_day],
        array[p_may_be_late], array[p_currency], array[p_reference], null, null);
    return row(v_written.payer_balances[1], v_written.payer_versions[1], v_written.payee_balances[1],
               v_written.payee_versions[1], v_written.days[1], v_written.late_days[1], v_written.moments[1]);
end
$$

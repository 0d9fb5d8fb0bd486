-- Posts one transfer in which nothing is out of the ordinary: the common case, in one statement. Anything else
-- (a repeat, a late day, a broken rule) is an error of one kind or another, and its caller asks ledger_post_one.
--
-- For whoever has a transaction to spare. To go on in the same one, the error must be caught, and the place to
-- come back to costs a twentieth of the whole.
--
-- Both accounts are found by their key in one look, which goes in the order of their ids: the order of locks.
create function ledger_post_plain_one(
    p_bank uuid, p_at timestamptz, p_id uuid, p_payer uuid, p_payee uuid, p_amount bigint, p_day date,
    p_currency text, p_reference uuid
) returns ledger_booked_one
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
    v_is_in boolean;
    v ledger_booked_one;
begin
    v_is_in := ledger_enter(p_bank);
    with moved as (
        update ledger_account
        set balance = balance + case when account_id = p_payer then -p_amount else p_amount end,
            version = version + 1, booked_at = greatest(booked_at, p_at)
        where bank_id = p_bank and account_id in (p_payer, p_payee)
          and currency = p_currency and not is_frozen and closed_at is null
          and case when account_id = p_payer then balance - held - p_amount >= coalesce(floor, lowest)
                   else balance + p_amount <= coalesce(ceiling, highest) end
        returning account_id, balance, version, booked_at
    )
    insert into ledger_transfer (
        bank_id, transfer_id, payer_id, payee_id, amount_minor,
        payer_balance, payer_version, payee_balance, payee_version,
        clock, booked_at, happened_on, currency, reference)
    select p_bank, p_id, p_payer, p_payee, p_amount, x.balance, x.version, y.balance, y.version,
           greatest(pg_current_xact_id()::text::bigint + coalesce(b.clock_offset, 0), b.sealed_clock),
           greatest(x.booked_at, y.booked_at), p_day, p_currency, p_reference
    from moved x
    cross join moved y
    left join ledger_book b on b.bank_id = p_bank
    where x.account_id = p_payer and y.account_id = p_payee
      and p_amount between 1 and 9007199254740992
      and p_day > '-infinity' and p_day <= (p_at at time zone coalesce(b.time_zone, 'Europe/London'))::date
      and (b.open_from is null or p_day >= b.open_from)
    returning payer_balance, payer_version, payee_balance, payee_version, happened_on, late_for, booked_at
    into strict v;
    if v.booked_at > p_at or v.payer_version % 512 = 0 or v.payee_version % 512 = 0 then
        -- Somebody with a later clock was here first, or entries have gathered.
        update ledger_account set booked_at = v.booked_at
        where bank_id = p_bank and account_id in (p_payer, p_payee);
        perform ledger_fold(p_bank, array[p_payer, p_payee]);
    end if;
    return v;
end
$$

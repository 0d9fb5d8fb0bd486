-- Posts one transfer: the common case, in two statements. Whatever is not plain (a repeat, a late day, a
-- broken rule) is left to ledger_write, which knows every rule by name; nothing is written by then.
create function ledger_post_one(
    p_bank uuid, p_at timestamptz, p_id uuid, p_payer uuid, p_payee uuid, p_amount bigint, p_day date,
    p_may_be_late boolean, p_currency text, p_reference uuid
) returns ledger_transfer
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v record;
    v_posted ledger_transfer;
begin
    v_is_in := ledger_enter(p_bank);

    -- x is the account with the lower id, and the one that is locked first.
    select x.ctid as x_place, x.balance + c.x_change as x_balance, x.version + 1 as x_version,
           y.ctid as y_place, y.balance - c.x_change as y_balance, y.version + 1 as y_version,
           c.x_change < 0 as x_pays,
           greatest(p_at, x.booked_at, y.booked_at) as at,
           greatest(pg_current_xact_id()::text::bigint + coalesce(b.clock_offset, 0), b.sealed_clock) as clock,
           x.version + 1 - x.folded_version >= 512 or y.version + 1 - y.folded_version >= 512 as must_fold,
           p_amount between 1 and 9007199254740992
               and p_payer <> p_payee
               and x.currency = p_currency and y.currency = p_currency
               and not x.is_frozen and not y.is_frozen and x.closed_at is null and y.closed_at is null
               and p_day <= (p_at at time zone coalesce(b.time_zone, 'Europe/London'))::date
               and (b.open_from is null or p_day >= b.open_from)
               and case when c.x_change < 0
                   then (x.floor is null or x.balance + c.x_change - x.held >= x.floor)
                        and (y.ceiling is null or y.balance - c.x_change <= y.ceiling)
                   else (y.floor is null or y.balance - c.x_change - y.held >= y.floor)
                        and (x.ceiling is null or x.balance + c.x_change <= x.ceiling)
                   end as is_plain
    into v
    from (select case when p_payer < p_payee then -p_amount else p_amount end as x_change) c
    cross join ledger_account x
    cross join ledger_account y
    left join ledger_book b on b.bank_id = p_bank
    where x.bank_id = p_bank and x.account_id = least(p_payer, p_payee)
      and y.bank_id = p_bank and y.account_id = greatest(p_payer, p_payee)
    for no key update of x, y;

    if v.is_plain then
        with written as (
            insert into ledger_transfer (
                bank_id, transfer_id, payer_id, payee_id, amount_minor,
                payer_balance, payer_version, payee_balance, payee_version,
                clock, booked_at, happened_on, currency, reference)
            values (
                p_bank, p_id, p_payer, p_payee, p_amount,
                case when v.x_pays then v.x_balance else v.y_balance end,
                case when v.x_pays then v.x_version else v.y_version end,
                case when v.x_pays then v.y_balance else v.x_balance end,
                case when v.x_pays then v.y_version else v.x_version end,
                v.clock, v.at, p_day, p_currency, p_reference)
            on conflict (bank_id, transfer_id) do nothing
            returning *
        ), moved as (
            update ledger_account l
            set balance = case when l.ctid = v.x_place then v.x_balance else v.y_balance end,
                version = case when l.ctid = v.x_place then v.x_version else v.y_version end,
                booked_at = v.at
            from written
            where l.ctid in (v.x_place, v.y_place)
        )
        select * into v_posted from written;
        if found then
            if v.must_fold then
                perform ledger_fold(p_bank, array[p_payer, p_payee]);
            end if;
            return v_posted;
        end if;
    end if;

    perform ledger_write(
        p_bank, p_at, false, array[p_id], array[p_payer], array[p_payee], array[p_amount], array[p_day],
        array[p_may_be_late], array[p_currency], array[p_reference], null, null);
    select * into v_posted from ledger_transfer where bank_id = p_bank and transfer_id = p_id;
    return v_posted;
end
$$

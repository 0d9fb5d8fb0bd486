-- Books a list in which nothing is out of the ordinary: new ids, open accounts of one currency, days that are
-- open, no limit crossed. Anything else is an error of one kind or another, and leaves nothing behind.
--
-- Lists wait for each other at the accounts they share, so what counts is the time from the lock to the
-- commit. Whatever can be known before is worked out before: the day, the clock, how far each item leaves its
-- two accounts from where the list finds them, and how far the list takes each account at the lowest and at
-- the highest. The one statement that locks the accounts judges their limits, and moves them to where the
-- list leaves them: in the order of their ids, since the key is read in its order, so that opposing lists wait
-- and never deadlock. Nothing is joined to it: p_accounts are in that order too, so an account's place in them
-- is found by halves (width_bucket), and that each came once and in order is looked at afterwards. A repeated
-- id meets the key.
create function ledger_write_plain(
    p_bank uuid, p_at timestamptz, p_accounts uuid[],
    p_ids uuid[], p_payers integer[], p_payees integer[], p_amounts bigint[], p_days date[], p_currency text,
    p_references uuid[]
) returns ledger_booked
language plpgsql
as $$
declare
    c_largest constant bigint := 9007199254740992;
    v_count constant integer := cardinality(p_ids);
    v_change bigint[] := array_fill(0::bigint, array[cardinality(p_accounts)]); v_entries bigint[] := v_change;
    v_low bigint[] := array_fill(null::bigint, array[cardinality(p_accounts)]); v_high bigint[] := v_low;
    v_paids bigint[] := array_fill(null::bigint, array[v_count]); v_paid_versions bigint[] := v_paids;
    v_receiveds bigint[] := v_paids; v_received_versions bigint[] := v_paids;
    a integer; b integer;
    v_day constant date := case when cardinality(p_days) = 1 then p_days[1] end;
    v_book ledger_book; v_clock bigint; v_is_plain boolean; v_room bigint;
    v_accounts uuid[]; v_balance bigint[]; v_version bigint[]; v_needs_care boolean; v_at timestamptz := p_at;
begin
    -- Nobody closes a period or moves the log's clock meanwhile: see ledger_enter.
    select * into v_book from ledger_book where bank_id = p_bank;
    v_clock := greatest(
        pg_current_xact_id()::text::bigint + coalesce(v_book.clock_offset, 0), v_book.sealed_clock);
    select bool_and(coalesce(i.amount between 1 and c_largest
                             and p_accounts[i.payer] <> p_accounts[i.payee], false))
           and sum(i.amount) <= c_largest,
           c_largest - least(sum(i.amount), c_largest)
    into v_is_plain, v_room
    from unnest(p_payers, p_payees, p_amounts) i (payer, payee, amount);
    select v_is_plain and min(day) > '-infinity' and (v_book.open_from is null or min(day) >= v_book.open_from)
           and max(day) <= (p_at at time zone coalesce(v_book.time_zone, 'Europe/London'))::date
           and count(day) = cardinality(p_days) and cardinality(p_days) in (1, v_count)
    into v_is_plain
    from unnest(p_days) day;
    if v_is_plain is not true then
        raise exception using errcode = 'LG002', message = 'not plain';
    end if;

    for i in 1 .. v_count loop
        a := p_payers[i];
        b := p_payees[i];
        v_change[a] := v_change[a] - p_amounts[i];
        v_change[b] := v_change[b] + p_amounts[i];
        v_low[a] := least(v_low[a], v_change[a]);
        v_high[b] := greatest(v_high[b], v_change[b]);
        v_entries[a] := v_entries[a] + 1;
        v_entries[b] := v_entries[b] + 1;
        v_paids[i] := v_change[a];
        v_receiveds[i] := v_change[b];
        v_paid_versions[i] := v_entries[a];
        v_received_versions[i] := v_entries[b];
    end loop;

    with moved as (
        update ledger_account
        set balance = balance + v_change[width_bucket(account_id, p_accounts)],
            version = version + v_entries[width_bucket(account_id, p_accounts)],
            booked_at = greatest(booked_at, p_at)
        where bank_id = p_bank and account_id = any (p_accounts)
          and currency = p_currency and not is_frozen and closed_at is null
          and (floor is null
               or (balance - held + v_low[width_bucket(account_id, p_accounts)] < floor) is not true)
          and (ceiling is null
               or (balance + v_high[width_bucket(account_id, p_accounts)] > ceiling) is not true)
        returning account_id, balance, version,
                  booked_at > p_at or version / 512 > folded_version / 512
                  or abs(balance) > v_room as needs_care
    )
    select array_agg(account_id), array_agg(balance), array_agg(version), bool_or(needs_care)
    into v_accounts, v_balance, v_version, v_needs_care
    from moved;
    if v_accounts is distinct from p_accounts then
        raise exception using errcode = 'LG002', message = 'not plain';
    end if;

    if v_needs_care then
        -- An account that ends within bounds may have left them in the middle of the list.
        if exists (select from unnest(v_balance) left_at where abs(left_at) > v_room) then
            raise exception using errcode = 'LG002', message = 'not plain';
        end if;
        -- Somebody with a later clock was here first: the books' time does not run backwards on any account.
        select max(booked_at) into v_at from ledger_account
        where bank_id = p_bank and account_id = any (p_accounts);
        update ledger_account set booked_at = v_at
        where bank_id = p_bank and account_id = any (p_accounts) and booked_at < v_at;
    end if;

    -- From where the list found each account, since all of it has been moved there by now.
    insert into ledger_transfer (
        bank_id, transfer_id, payer_id, payee_id, amount_minor,
        payer_balance, payer_version, payee_balance, payee_version,
        clock, booked_at, happened_on, currency, reference)
    select p_bank, p_ids[i], p_accounts[p_payers[i]], p_accounts[p_payees[i]], p_amounts[i],
           v_balance[p_payers[i]] - v_change[p_payers[i]] + v_paids[i],
           v_version[p_payers[i]] - v_entries[p_payers[i]] + v_paid_versions[i],
           v_balance[p_payees[i]] - v_change[p_payees[i]] + v_receiveds[i],
           v_version[p_payees[i]] - v_entries[p_payees[i]] + v_received_versions[i],
           v_clock, v_at, coalesce(v_day, p_days[i]), p_currency, p_references[i]
    from generate_series(1, v_count) i;

    if v_needs_care then
        perform ledger_fold(p_bank, p_accounts);
    end if;
    return row(null, null, null, null, null, null, array[v_at], null, v_balance, v_version)::ledger_booked;
end
$$

-- Books a list in which nothing is out of the ordinary: new ids, open accounts of one currency, days that are
-- open, no limit crossed. Anything else is an error of one kind or another, and leaves nothing behind.
--
-- Lists wait for each other at the accounts they share, so what counts is the time from the lock to the
-- commit. Whatever does not depend on where the accounts stand is therefore worked out before: how far each
-- item leaves its two accounts from where the list finds them, and how low and how high each gets on the way.
-- The one statement that locks the accounts, in the order of their ids so that opposing lists wait and never
-- deadlock, moves them to where the list leaves them. A repeated id meets the key.
create function ledger_write_plain(
    p_bank uuid, p_at timestamptz, p_accounts uuid[],
    p_ids uuid[], p_payers integer[], p_payees integer[], p_amounts bigint[], p_days date[], p_currency text,
    p_references uuid[]
) returns ledger_booked
language plpgsql
as $$
declare
    v_count constant integer := cardinality(p_ids);
    v_many constant integer := cardinality(p_accounts);
    v_change bigint[] := array_fill(0::bigint, array[v_many]); v_entries bigint[] := v_change;
    v_low bigint[] := array_fill(null::bigint, array[v_many]); v_high bigint[] := v_low;
    v_paids bigint[] := array_fill(null::bigint, array[v_count]); v_paid_versions bigint[] := v_paids;
    v_receiveds bigint[] := v_paids; v_received_versions bigint[] := v_paids;
    a integer; b integer; v_paid bigint; v_received bigint;
    v_balance bigint[]; v_version bigint[]; v_is_within boolean;
    v_at timestamptz; v_is_late boolean; v_first date; v_last date; v_clock bigint; v_must_fold boolean;
    v_first_day date; v_last_day date; v_is_plain boolean;
begin
    select min(i.day), max(i.day),
           bool_and(coalesce(i.amount between 1 and 9007199254740992
                             and p_accounts[i.payer] <> p_accounts[i.payee], false))
           and count(i.day) = v_count
    into v_first_day, v_last_day, v_is_plain
    from unnest(p_payers, p_payees, p_days, p_amounts) i (payer, payee, day, amount);
    if not v_is_plain then
        raise exception using errcode = 'LG002', message = 'not plain';
    end if;

    for i in 1 .. v_count loop
        a := p_payers[i];
        b := p_payees[i];
        v_paid := v_change[a] - p_amounts[i];
        v_received := v_change[b] + p_amounts[i];
        v_change[a] := v_paid;
        v_change[b] := v_received;
        v_paids[i] := v_paid;
        v_receiveds[i] := v_received;
        v_entries[a] := v_entries[a] + 1;
        v_entries[b] := v_entries[b] + 1;
        v_paid_versions[i] := v_entries[a];
        v_received_versions[i] := v_entries[b];
        v_low[a] := least(v_low[a], v_paid);
        v_high[b] := greatest(v_high[b], v_received);
    end loop;

    with moved as (
        update ledger_account l
        set balance = l.balance + s.change, version = l.version + s.entries,
            booked_at = greatest(l.booked_at, p_at)
        from unnest(p_accounts, v_change, v_entries, v_low, v_high) with ordinality
             s (account_id, change, entries, low, high, at)
        where l.bank_id = p_bank and l.account_id = s.account_id
          and l.currency = p_currency and not l.is_frozen and l.closed_at is null
        returning s.at, l.balance - s.change as balance, l.version - s.entries as version,
                  l.version / 512 > l.folded_version / 512 as must_fold,
                  coalesce(l.balance - s.change + s.low >= l.floor + l.held, true)
                  and coalesce(l.balance - s.change + s.high <= l.ceiling, true) as is_within, l.booked_at
    )
    select array_agg(m.balance order by m.at), array_agg(m.version order by m.at), bool_and(m.is_within),
           max(m.booked_at), min(m.booked_at) < max(m.booked_at),
           bool_or(m.must_fold), coalesce(max(b.open_from), '-infinity'),
           (p_at at time zone coalesce(max(b.time_zone), 'Europe/London'))::date,
           greatest(pg_current_xact_id()::text::bigint + coalesce(max(b.clock_offset), 0), max(b.sealed_clock))
    into v_balance, v_version, v_is_within, v_at, v_is_late, v_must_fold, v_first, v_last, v_clock
    from moved m
    left join ledger_book b on b.bank_id = p_bank;

    if not v_is_within or v_first_day < v_first or v_last_day > v_last
       or cardinality(v_balance) is distinct from v_many then
        raise exception using errcode = 'LG002', message = 'not plain';
    end if;

    select array_agg(v_balance[i.payer] + i.paid), array_agg(v_version[i.payer] + i.paid_version),
           array_agg(v_balance[i.payee] + i.received), array_agg(v_version[i.payee] + i.received_version)
    into v_paids, v_paid_versions, v_receiveds, v_received_versions
    from unnest(p_payers, p_payees, v_paids, v_paid_versions, v_receiveds, v_received_versions)
         i (payer, payee, paid, paid_version, received, received_version);

    insert into ledger_transfer (
        bank_id, transfer_id, payer_id, payee_id, amount_minor,
        payer_balance, payer_version, payee_balance, payee_version,
        clock, booked_at, happened_on, currency, reference)
    select p_bank, i.id, p_accounts[i.payer], p_accounts[i.payee], i.amount, i.paid, i.paid_version,
           i.received, i.received_version, v_clock, v_at, i.day, p_currency, i.reference
    from unnest(p_ids, p_payers, p_payees, p_amounts, v_paids, v_paid_versions, v_receiveds,
                v_received_versions, p_days, p_references)
         i (id, payer, payee, amount, paid, paid_version, received, received_version, day, reference);

    -- Somebody with a later clock was here first: the books' time does not run backwards on any account.
    if v_is_late then
        update ledger_account set booked_at = v_at where bank_id = p_bank and account_id = any (p_accounts);
    end if;
    if v_must_fold then
        perform ledger_fold(p_bank, p_accounts);
    end if;
    return row(v_paids, v_paid_versions, v_receiveds, v_received_versions,
               null, null, array[v_at], null)::ledger_booked;
end
$$

-- Books a list in which nothing is out of the ordinary: new ids, open accounts of one currency, days that are
-- open, no limit crossed. Anything else is an error of one kind or another, and leaves nothing behind.
--
-- Lists wait for each other at the accounts they share, so what counts is the time from the lock to the
-- commit. How far each item leaves its two accounts from where the list finds them is therefore worked out
-- before. The one statement that locks the accounts moves them to where the list leaves them: in the order of
-- their ids, since the key is read in its order, so that opposing lists wait and never deadlock. Nothing is
-- joined to it: p_accounts are in that order too, so an account's place in them is found by halves
-- (width_bucket), and that each came once and in order is looked at afterwards. A repeated id meets the key.
create function ledger_write_plain(
    p_bank uuid, p_at timestamptz, p_accounts uuid[],
    p_ids uuid[], p_payers integer[], p_payees integer[], p_amounts bigint[], p_days date[], p_currency text,
    p_references uuid[]
) returns ledger_booked
language plpgsql
as $$
declare
    v_count constant integer := cardinality(p_ids);
    v_change bigint[] := array_fill(0::bigint, array[cardinality(p_accounts)]); v_entries bigint[] := v_change;
    v_paids bigint[] := array_fill(null::bigint, array[v_count]); v_paid_versions bigint[] := v_paids;
    v_receiveds bigint[] := v_paids; v_received_versions bigint[] := v_paids;
    a integer; b integer;
    v_accounts uuid[]; v_balance bigint[]; v_version bigint[]; v_least bigint[]; v_most bigint[];
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
        v_change[a] := v_change[a] - p_amounts[i];
        v_change[b] := v_change[b] + p_amounts[i];
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
        returning account_id, balance, version, floor + held as least, ceiling as most, booked_at,
                  version / 512 > folded_version / 512 as must_fold
    )
    select array_agg(m.account_id), array_agg(m.balance), array_agg(m.version), array_agg(m.least),
           array_agg(m.most), max(m.booked_at), min(m.booked_at) < max(m.booked_at), bool_or(m.must_fold),
           coalesce(max(b.open_from), '-infinity'),
           (p_at at time zone coalesce(max(b.time_zone), 'Europe/London'))::date,
           greatest(pg_current_xact_id()::text::bigint + coalesce(max(b.clock_offset), 0), max(b.sealed_clock))
    into v_accounts, v_balance, v_version, v_least,
         v_most, v_at, v_is_late, v_must_fold,
         v_first,
         v_last,
         v_clock
    from moved m
    left join ledger_book b on b.bank_id = p_bank;

    if v_accounts is distinct from p_accounts or v_first_day < v_first or v_last_day > v_last then
        raise exception using errcode = 'LG002', message = 'not plain';
    end if;

    -- From where the list found each account, since all of it has been moved there by now.
    select array_agg(s.paid), array_agg(s.paid_version), array_agg(s.received), array_agg(s.received_version),
           bool_and(coalesce(s.paid >= s.least, true) and coalesce(s.received <= s.most, true))
    into v_paids, v_paid_versions, v_receiveds, v_received_versions, v_is_plain
    from (
        select v_balance[i.payer] - v_change[i.payer] + i.paid as paid,
               v_version[i.payer] - v_entries[i.payer] + i.paid_version as paid_version,
               v_balance[i.payee] - v_change[i.payee] + i.received as received,
               v_version[i.payee] - v_entries[i.payee] + i.received_version as received_version,
               v_least[i.payer] as least, v_most[i.payee] as most
        from unnest(p_payers, p_payees, v_paids, v_paid_versions, v_receiveds, v_received_versions)
             i (payer, payee, paid, paid_version, received, received_version)
    ) s;
    if not v_is_plain then
        raise exception using errcode = 'LG002', message = 'not plain';
    end if;

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

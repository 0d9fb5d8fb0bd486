-- Books a list of transfers, whole or item by item (p_each), whatever is in it: repeats, late days, broken
-- rules. Lists with none of these seldom come here, see ledger_write_plain.
--
-- Everything is decided under the locks of all accounts involved, taken in the order of their ids, so two
-- lists in opposing directions wait for each other and never deadlock. The loop only computes; the writes
-- are one statement, whatever the list's length. Expressions cost more here than rows do: each is prepared
-- anew in each transaction, which is why the loop asks one long question and leaves the reasons to
-- ledger_explain.
--
-- p_reverses and p_captures belong to a list of one, from ledger_reverse and ledger_capture.
create function ledger_write(
    p_bank uuid, p_at timestamptz, p_each boolean,
    p_ids uuid[], p_payers uuid[], p_payees uuid[], p_amounts bigint[], p_days date[], p_may_be_late boolean[],
    p_currencies text[], p_references uuid[],
    p_reverses uuid, p_captures uuid
) returns ledger_booked
language plpgsql
as $$
declare
    v_count constant integer := cardinality(p_ids);
    v_open_from date; v_today date; v_clock bigint; v_at timestamptz;
    v_accounts uuid[]; v_places tid[]; v_balance bigint[]; v_version bigint[]; v_fold_at bigint[];
    v_least bigint[]; v_most bigint[]; v_currency text[];
    v_payer_at integer[]; v_payee_at integer[]; a integer; b integer;
    v_is_taken boolean[]; v_is_new boolean[]; v_new_count integer := 0; v_must_fold boolean := false;
    v_paid bigint; v_received bigint; v_changed integer; v_broken jsonb;
    v_paids bigint[]; v_paid_versions bigint[]; v_receiveds bigint[]; v_received_versions bigint[];
    v_days date[]; v_late_days date[]; v_moments timestamptz[]; v_failures text[];
    old record;
begin
    -- The least and the most a balance may be after paying and receiving; no currency on one that may not move.
    select array_agg(l.account_id), array_agg(l.place), array_agg(l.balance), array_agg(l.version),
           array_agg((l.folded_version / 512 + 1) * 512),
           array_agg(l.floor + l.held), array_agg(l.ceiling),
           array_agg(case when l.closed_at is null and not l.is_frozen then l.currency end),
           greatest(p_at, max(l.booked_at)),
           (p_at at time zone coalesce(max(b.time_zone), 'Europe/London'))::date,
           max(b.open_from),
           greatest(pg_current_xact_id()::text::bigint + coalesce(max(b.clock_offset), 0), max(b.sealed_clock))
    into v_accounts, v_places, v_balance, v_version, v_fold_at, v_least, v_most, v_currency,
         v_at, v_today, v_open_from, v_clock
    from (
        select *, ctid as place from ledger_account
        where bank_id = p_bank and account_id = any (p_payers || p_payees)
        order by account_id
        for no key update
    ) l
    left join ledger_book b on b.bank_id = p_bank;

    if v_count = 1 then
        v_payer_at[1] := array_position(v_accounts, p_payers[1]);
        v_payee_at[1] := array_position(v_accounts, p_payees[1]);
    else
        select array_agg(x.at order by i.n), array_agg(y.at order by i.n)
        into v_payer_at, v_payee_at
        from unnest(p_payers, p_payees) with ordinality i (payer, payee, n)
        left join unnest(v_accounts) with ordinality x (id, at) on x.id = i.payer
        left join unnest(v_accounts) with ordinality y (id, at) on y.id = i.payee;
    end if;

    -- Filled beforehand: an array that is first written at 2 would begin at 2, and no longer fit the others.
    v_paids := array_fill(null::bigint, array[v_count]);
    v_paid_versions := v_paids;
    v_receiveds := v_paids;
    v_received_versions := v_paids;
    v_days := array_fill(null::date, array[v_count]);
    v_late_days := v_days;
    v_moments := array_fill(null::timestamptz, array[v_count]);
    v_failures := array_fill(null::text, array[v_count]);
    v_is_new := array_fill(false, array[v_count]);

    -- Looked up under the locks: a repeat that raced with its first attempt has waited for it here.
    if exists (select from ledger_transfer where bank_id = p_bank and transfer_id = any (p_ids)) then
        for old in
            select i.n, t.*,
                   (t.payer_id, t.payee_id, t.amount_minor, coalesce(t.late_for, t.happened_on), t.currency,
                    t.reference, t.reverses, t.captures)
                   is distinct from
                   (i.payer, i.payee, i.amount, i.day, i.code, i.reference, p_reverses, p_captures) as is_other
            from unnest(p_ids, p_payers, p_payees, p_amounts, p_days, p_currencies, p_references)
                 with ordinality i (id, payer, payee, amount, day, code, reference, n)
            join ledger_transfer t on t.bank_id = p_bank and t.transfer_id = i.id
        loop
            v_is_taken[old.n] := old.is_other;
            if not old.is_other then
                v_paids[old.n] := old.payer_balance;
                v_paid_versions[old.n] := old.payer_version;
                v_receiveds[old.n] := old.payee_balance;
                v_received_versions[old.n] := old.payee_version;
                v_days[old.n] := old.happened_on;
                v_late_days[old.n] := old.late_for;
                v_moments[old.n] := old.booked_at;
            end if;
        end loop;
    end if;

    for i in 1 .. v_count loop
        continue when not v_is_taken[i];
        a := v_payer_at[i];
        b := v_payee_at[i];
        v_paid := v_balance[a] - p_amounts[i];
        v_received := v_balance[b] + p_amounts[i];

        if v_is_taken[i] is null
           and p_amounts[i] between 1 and 9007199254740992
           and a <> b
           and v_currency[a] = p_currencies[i] and v_currency[b] = p_currencies[i]
           and p_days[i] <= v_today and p_days[i] > '-infinity'
           and (v_open_from is null or p_days[i] >= v_open_from or p_may_be_late[i])
           and (v_least[a] is null or v_paid >= v_least[a] or p_captures is not null)
           and (v_most[b] is null or v_received <= v_most[b])
           and v_paid >= -9007199254740992 and v_received <= 9007199254740992
        then
            v_balance[a] := v_paid;
            v_balance[b] := v_received;
            v_version[a] := v_version[a] + 1;
            v_version[b] := v_version[b] + 1;
            v_paids[i] := v_paid;
            v_paid_versions[i] := v_version[a];
            v_receiveds[i] := v_received;
            v_received_versions[i] := v_version[b];
            v_days[i] := greatest(p_days[i], v_open_from);
            if p_days[i] < v_open_from then
                v_late_days[i] := p_days[i];
            end if;
            v_moments[i] := v_at;
            v_is_new[i] := true;
            v_new_count := v_new_count + 1;
            v_must_fold := v_must_fold
                or v_version[a] >= v_fold_at[a] or v_version[b] >= v_fold_at[b];
        else
            v_broken := ledger_explain(
                p_bank, p_ids[i], p_payers[i], p_payees[i], p_amounts[i], p_currencies[i], p_days[i],
                p_may_be_late[i], v_is_taken[i], v_today, v_open_from, v_paid, v_received)
                || jsonb_build_object('item', i - 1);
            if v_broken is null then
                raise exception 'ledger_write: item % breaks a rule that ledger_explain does not know', i;
            elsif not p_each then
                perform ledger_refuse(v_broken ->> 'rule', v_broken - 'rule');
            end if;
            v_failures[i] := v_broken::text;
        end if;
    end loop;

    if v_new_count > 0 then
        with written as (
            insert into ledger_transfer (
                bank_id, transfer_id, payer_id, payee_id, amount_minor,
                payer_balance, payer_version, payee_balance, payee_version,
                clock, booked_at, happened_on, late_for, currency, reference, reverses, captures)
            select p_bank, p_ids[i], p_payers[i], p_payees[i], p_amounts[i],
                   v_paids[i], v_paid_versions[i], v_receiveds[i], v_received_versions[i],
                   v_clock, v_at, v_days[i], v_late_days[i], p_currencies[i], p_references[i],
                   p_reverses, p_captures
            from generate_series(1, v_count) i
            where v_is_new[i]
        )
        -- By their places on the pages: locked rows do not move, and finding them again would cost more.
        update ledger_account l
        set balance = v_balance[n.i], version = v_version[n.i], booked_at = v_at
        from unnest(v_places) with ordinality n (place, i)
        where l.ctid = n.place and l.bank_id = p_bank;
        get diagnostics v_changed = row_count;
        if v_changed <> cardinality(v_accounts) then
            raise exception 'ledger_write: % accounts locked, % found again', cardinality(v_accounts), v_changed;
        end if;
        if v_must_fold then
            perform ledger_fold(p_bank, v_accounts);
        end if;
    end if;
    return row(v_paids, v_paid_versions, v_receiveds, v_received_versions,
               v_days, v_late_days, v_moments, v_failures, null, null)::ledger_booked;
end
$$

-- Books a list of transfers, whole or item by item (p_each), and returns what was booked, one array per fact.
--
-- Everything is decided under the locks of all accounts involved, taken in the order of their ids, so two
-- lists in opposing directions wait for each other and never deadlock. The loop only computes; the writes
-- are one insert and one update, whatever the list's length.
--
-- p_reverses, p_captures and p_unhold belong to a list of one, from ledger_reverse and ledger_capture.
create function ledger_write(
    p_bank uuid, p_at timestamptz, p_each boolean,
    p_ids uuid[], p_payers uuid[], p_payees uuid[], p_amounts bigint[], p_days date[], p_may_be_late boolean[],
    p_currencies text[], p_references uuid[],
    p_reverses uuid, p_captures uuid, p_unhold bigint,
    out payer_balances bigint[], out payer_versions bigint[],
    out payee_balances bigint[], out payee_versions bigint[],
    out days date[], out late_days date[], out moments timestamptz[], out failures text[]
)
language plpgsql
as $$
declare
    v_count constant integer := cardinality(p_ids);
    v_book ledger_book;
    v_today date;
    v_clock bigint;
    v_at timestamptz;
    v_accounts uuid[]; v_places tid[]; v_folded bigint[]; v_balance bigint[]; v_held bigint[]; v_version bigint[];
    v_floor bigint[]; v_ceiling bigint[]; v_currency text[]; v_is_usable boolean[];
    v_payer_at integer[]; v_payee_at integer[];
    v_is_old boolean[]; v_is_new boolean[]; v_new_count integer := 0;
    a integer; b integer; v_amount bigint; v_paid bigint; v_received bigint; v_day date;
    v_must_fold boolean := false; v_changed integer := 0;
    v_rule text; v_detail jsonb;
    old record;
begin
    if v_count > 10000 then
        perform ledger_refuse('too_many_items', jsonb_build_object('items', v_count));
    end if;
    select * into v_book from ledger_book where bank_id = p_bank;
    v_today := (p_at at time zone coalesce(v_book.time_zone, 'Europe/London'))::date;
    v_clock := greatest(
        pg_current_xact_id()::text::bigint + coalesce(v_book.clock_offset, 0), v_book.sealed_clock);

    select array_agg(l.account_id), array_agg(l.place), array_agg(l.folded_version), array_agg(l.balance), array_agg(l.held), array_agg(l.version),
           array_agg(l.floor), array_agg(l.ceiling), array_agg(l.currency),
           array_agg(not l.is_frozen and l.closed_at is null), greatest(p_at, max(l.booked_at))
    into v_accounts, v_places, v_folded, v_balance, v_held, v_version, v_floor, v_ceiling, v_currency, v_is_usable, v_at
    from (
        select *, ctid as place from ledger_account
        where bank_id = p_bank and account_id = any (p_payers || p_payees)
        order by account_id
        for no key update
    ) l;

    if v_count = 1 then
        v_payer_at := array[array_position(v_accounts, p_payers[1])];
        v_payee_at := array[array_position(v_accounts, p_payees[1])];
    else
        select array_agg(x.at order by i.n), array_agg(y.at order by i.n)
        into v_payer_at, v_payee_at
        from unnest(p_payers, p_payees) with ordinality i (payer, payee, n)
        left join unnest(v_accounts) with ordinality x (id, at) on x.id = i.payer
        left join unnest(v_accounts) with ordinality y (id, at) on y.id = i.payee;
    end if;

    -- Filled beforehand: an array that is first written at 2 would begin at 2, and no longer fit the others.
    payer_balances := array_fill(null::bigint, array[v_count]);
    payer_versions := payer_balances;
    payee_balances := payer_balances;
    payee_versions := payer_balances;
    days := array_fill(null::date, array[v_count]);
    late_days := days;
    moments := array_fill(null::timestamptz, array[v_count]);
    failures := array_fill(null::text, array[v_count]);
    v_is_new := array_fill(false, array[v_count]);

    -- Looked up under the locks: a repeat that raced with its first attempt has waited for it here.
    for old in
        select i.n, t.*,
               (t.payer_id, t.payee_id, t.amount_minor, coalesce(t.late_for, t.happened_on), t.currency,
                t.reference, t.reverses, t.captures)
               is not distinct from
               (i.payer, i.payee, i.amount, i.day, i.code, i.reference, p_reverses, p_captures) as is_same
        from unnest(p_ids, p_payers, p_payees, p_amounts, p_days, p_currencies, p_references)
             with ordinality i (id, payer, payee, amount, day, code, reference, n)
        join ledger_transfer t on t.bank_id = p_bank and t.transfer_id = i.id
    loop
        v_is_old[old.n] := old.is_same;
        if old.is_same then
            payer_balances[old.n] := old.payer_balance;
            payer_versions[old.n] := old.payer_version;
            payee_balances[old.n] := old.payee_balance;
            payee_versions[old.n] := old.payee_version;
            days[old.n] := old.happened_on;
            late_days[old.n] := old.late_for;
            moments[old.n] := old.booked_at;
        end if;
    end loop;

    if p_unhold > 0 and v_is_old is null then
        v_held[v_payer_at[1]] := v_held[v_payer_at[1]] - p_unhold;
    end if;

    for i in 1 .. v_count loop
        continue when v_is_old[i];
        a := v_payer_at[i];
        b := v_payee_at[i];
        v_amount := p_amounts[i];
        v_day := p_days[i];
        v_paid := v_balance[a] - v_amount;
        v_received := v_balance[b] + v_amount;
        v_rule := null;

        if v_is_old[i] = false then
            v_rule := 'different_transfer_same_id';
            v_detail := jsonb_build_object('transfer_id', p_ids[i]);
        elsif v_amount < 1 or v_amount > 9007199254740992 then
            v_rule := 'bad_amount';
            v_detail := jsonb_build_object('amount_minor', v_amount);
        elsif p_payers[i] = p_payees[i] then
            v_rule := 'same_account';
            v_detail := jsonb_build_object('account_id', p_payers[i]);
        elsif a is null or b is null then
            v_rule := 'unknown_account';
            v_detail := jsonb_build_object('account_id', case when a is null then p_payers[i] else p_payees[i] end);
        elsif v_currency[a] <> p_currencies[i] or v_currency[b] <> p_currencies[i] then
            v_rule := 'currency_mismatch';
            v_detail := jsonb_build_object(
                'account_id', case when v_currency[a] <> p_currencies[i] then p_payers[i] else p_payees[i] end,
                'currency', p_currencies[i]);
        elsif not (v_is_usable[a] and v_is_usable[b]) then
            select case when l.closed_at is null then 'account_frozen' else 'account_closed' end,
                   jsonb_build_object('account_id', l.account_id)
            into v_rule, v_detail
            from ledger_account l
            where l.bank_id = p_bank
              and l.account_id = case when v_is_usable[a] then p_payees[i] else p_payers[i] end;
        elsif v_day > v_today then
            v_rule := 'day_in_future';
            v_detail := jsonb_build_object('happened_on', v_day, 'today', v_today);
        elsif v_day < v_book.open_from and not p_may_be_late[i] then
            v_rule := 'period_closed';
            v_detail := jsonb_build_object('happened_on', v_day, 'open_from', v_book.open_from);
        elsif v_paid - v_held[a] < v_floor[a] and p_captures is null then
            v_rule := 'floor_crossed';
            v_detail := jsonb_build_object(
                'account_id', p_payers[i], 'shortfall_minor', v_floor[a] - (v_paid - v_held[a]));
        elsif v_received > v_ceiling[b] then
            v_rule := 'ceiling_crossed';
            v_detail := jsonb_build_object(
                'account_id', p_payees[i], 'excess_minor', v_received - v_ceiling[b]);
        end if;

        if v_rule is not null then
            v_detail := v_detail || jsonb_build_object('item', i - 1);
            if not p_each then
                perform ledger_refuse(v_rule, v_detail);
            end if;
            failures[i] := (v_detail || jsonb_build_object('rule', v_rule))::text;
            continue;
        end if;

        if v_day < v_book.open_from then
            late_days[i] := v_day;
            v_day := v_book.open_from;
        end if;
        v_balance[a] := v_paid;
        v_balance[b] := v_received;
        v_version[a] := v_version[a] + 1;
        v_version[b] := v_version[b] + 1;
        payer_balances[i] := v_paid;
        payer_versions[i] := v_version[a];
        payee_balances[i] := v_received;
        payee_versions[i] := v_version[b];
        days[i] := v_day;
        moments[i] := v_at;
        v_is_new[i] := true;
        v_new_count := v_new_count + 1;
        if v_version[a] - v_folded[a] >= 512 or v_version[b] - v_folded[b] >= 512 then
            v_must_fold := true;
        end if;
    end loop;

    if v_new_count = 0 then
        return;
    end if;

    insert into ledger_transfer (
        bank_id, transfer_id, payer_id, payee_id, amount_minor,
        payer_balance, payer_version, payee_balance, payee_version,
        clock, booked_at, happened_on, late_for, currency, reference, reverses, captures)
    select p_bank, i.id, i.payer, i.payee, i.amount, i.paid, i.paid_version, i.received, i.received_version,
           v_clock, v_at, i.day, i.late, i.code, i.reference, p_reverses, p_captures
    from unnest(p_ids, p_payers, p_payees, p_amounts, payer_balances, payer_versions, payee_balances,
                payee_versions, days, late_days, p_currencies, p_references, v_is_new)
         i (id, payer, payee, amount, paid, paid_version, received, received_version, day, late, code,
            reference, is_new)
    where i.is_new;

    if v_must_fold then
        v_folded := ledger_fold(p_bank, v_accounts, v_version, v_folded);
    end if;

    -- By their places on the pages: locked rows do not move, and finding them again would cost a fifth more.
    update ledger_account l
    set balance = n.balance, held = n.held, version = n.version, folded_version = n.folded, booked_at = v_at,
        under_floor_minor = least(
            l.under_floor_minor, greatest(0, coalesce(l.floor - (n.balance - n.held), 0))),
        over_ceiling_minor = least(
            l.over_ceiling_minor, greatest(0, coalesce(n.balance - l.ceiling, 0)))
    from unnest(v_accounts, v_places, v_balance, v_held, v_version, v_folded)
         n (id, place, balance, held, version, folded)
    where l.ctid = n.place and l.bank_id = p_bank and l.account_id = n.id;
    get diagnostics v_changed = row_count;
    if v_changed <> cardinality(v_accounts) then
        raise exception 'ledger_write: % accounts locked, % updated', cardinality(v_accounts), v_changed;
    end if;
end
$$

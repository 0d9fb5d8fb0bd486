-- Posts a list of transfers, whole or, with p_each, each for itself. p_currencies and p_days are one for each
-- item or one for all; p_may_be_late and p_references may be null when they are for all.
--
-- A list is tried as if nothing were out of the ordinary, which is cheap and mostly so; what is not is left to
-- ledger_write, which knows every rule by name. Nothing is written by then.
--
-- The plan is made once and looks for rows by their keys: planned for the first, empty books it would read
-- whole tables, and planned for each list it would cost more than the list. Accounts are joined in the order
-- in which they are asked for, which is the order of locks.
--
-- p_accounts are the accounts of the whole list, each once, in the order of their ids; p_payers and p_payees
-- are places in it. While a list's accounts are locked, nobody has to look for who is who.
create function ledger_post(
    p_bank uuid, p_at timestamptz, p_each boolean, p_accounts uuid[],
    p_ids uuid[], p_payers integer[], p_payees integer[], p_amounts bigint[], p_days date[],
    p_may_be_late boolean[], p_currencies text[], p_references uuid[]
) returns ledger_booked
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_memoize = off
as $$
declare
    v_is_in boolean;
    v_count constant integer := cardinality(p_ids);
    v_payers uuid[]; v_payees uuid[];
begin
    v_is_in := ledger_enter(p_bank);
    if v_count > 10000 then
        perform ledger_refuse('too_many_items', jsonb_build_object('items', v_count));
    end if;
    if cardinality(p_currencies) = 1 then
        begin
            return ledger_write_plain(
                p_bank, p_at, p_accounts, p_ids, p_payers, p_payees, p_amounts, p_days, p_currencies[1],
                p_references);
        exception
            when sqlstate 'LG002' or unique_violation or check_violation or numeric_value_out_of_range then
                null;
        end;
        p_currencies := array_fill(p_currencies[1], array[v_count]);
    end if;
    if cardinality(p_days) = 1 then
        p_days := array_fill(p_days[1], array[v_count]);
    end if;
    select array_agg(p_accounts[i.payer] order by i.n), array_agg(p_accounts[i.payee] order by i.n)
    into v_payers, v_payees
    from unnest(p_payers, p_payees) with ordinality i (payer, payee, n);
    return ledger_write(
        p_bank, p_at, p_each, p_ids, v_payers, v_payees, p_amounts, p_days,
        coalesce(p_may_be_late, array_fill(false, array[v_count])),
        p_currencies, coalesce(p_references, array_fill(null::uuid, array[v_count])), null, null);
end
$$

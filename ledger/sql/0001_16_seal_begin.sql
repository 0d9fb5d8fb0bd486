-- Makes the caller the only one sealing this bank, and says what the next seal is to hold: so many leaves, from
-- a clock to before another. After p_enough leaves it ends with the transaction that the last of them is of. Of
-- the last seal it says what the next one needs; there is none when its number is 0.
--
-- A row's clock is the number of its transaction, and numbers are given before rows are committed: one with
-- a lower number may appear later. Below the oldest transaction still running (pg_snapshot_xmin) none can.
--
-- A dump carries clocks to a server whose own count may be behind. Rows written there wait at sealed_clock
-- (see ledger_write); here the bank's offset is moved on, alone with the bank, so that its clock runs ahead
-- of every row again.
create function ledger_seal_begin(
    p_bank uuid, p_enough integer, out first_clock bigint, out stop bigint, out leaf_count bigint,
    out number bigint, out tree_size bigint, out hash bytea, out frontier bytea
)
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_book ledger_book;
    v_newest bigint;
    v_watermark bigint;
begin
    if p_bank is distinct from nullif(current_setting('evenhour.bank_id', true), '')::uuid then
        perform ledger_refuse('another_bank', null);
    end if;
    perform pg_advisory_xact_lock(uuid_hash_extended(p_bank, 1));
    insert into ledger_book (bank_id, time_zone) values (p_bank, 'Europe/London')
    on conflict (bank_id) do nothing;

    select b.* into v_book from ledger_book b where b.bank_id = p_bank;
    select max(t.clock) into v_newest from ledger_transfer t where t.bank_id = p_bank;
    if greatest(v_newest, v_book.sealed_clock)
       > pg_snapshot_xmax(pg_current_snapshot())::text::bigint + v_book.clock_offset then
        v_is_in := ledger_enter(p_bank, true);
        select max(t.clock) into v_newest from ledger_transfer t where t.bank_id = p_bank;
        update ledger_book b
        set clock_offset = greatest(v_newest, b.sealed_clock) + 1
            - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        where b.bank_id = p_bank
        returning b.* into v_book;
    end if;

    v_watermark := pg_snapshot_xmin(pg_current_snapshot())::text::bigint + v_book.clock_offset;
    select min(l.clock), max(l.clock) + 1, count(*) into first_clock, stop, leaf_count
    from (
        select t.clock from ledger_transfer t
        where t.bank_id = p_bank and t.clock >= v_book.sealed_clock and t.clock < v_watermark
        order by t.clock, t.transfer_id limit p_enough
    ) l;
    if leaf_count = p_enough then
        select count(*) into leaf_count from ledger_transfer t
        where t.bank_id = p_bank and t.clock >= first_clock and t.clock < stop;
    end if;
    if leaf_count > 0 then
        update ledger_book b set sealing_clock = stop, sealing_leaves = leaf_count where b.bank_id = p_bank;
    end if;
    select s.number, s.tree_size, s.hash, s.frontier
    into number, tree_size, hash, frontier
    from ledger_seal s where s.bank_id = p_bank
    order by s.number desc limit 1;
    if not found then
        number := 0;
        tree_size := 0;
        hash := decode(repeat('00', 32), 'hex');
        frontier := '';
    end if;
end
$$

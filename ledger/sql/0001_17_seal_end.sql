-- Writes a seal, if it follows the last one and holds as many leaves as ledger_seal_begin has counted.
create function ledger_seal_end(
    p_bank uuid, p_at timestamptz, p_number bigint, p_tree_size bigint, p_leaf_count bigint, p_clock bigint,
    p_root bytea, p_previous bytea, p_hash bytea, p_frontier bytea, p_leaf_hashes bytea, p_transfer_ids bytea
) returns void
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_last record;
    v_book ledger_book;
begin
    v_is_in := ledger_enter(p_bank);
    select number, hash, tree_size, clock into v_last
    from ledger_seal where bank_id = p_bank order by number desc limit 1;
    select * into v_book from ledger_book where bank_id = p_bank;
    if p_number <> coalesce(v_last.number, 0) + 1
       or p_previous <> coalesce(v_last.hash, decode(repeat('00', 32), 'hex'))
       or (p_clock, p_leaf_count) is distinct from (v_book.sealing_clock, v_book.sealing_leaves)
       or p_tree_size <> coalesce(v_last.tree_size, 0) + p_leaf_count
       or length(p_leaf_hashes) <> 32 * p_leaf_count
       or length(p_transfer_ids) <> 16 * p_leaf_count then
        perform ledger_refuse('seal_does_not_follow', jsonb_build_object('number', p_number));
    end if;
    insert into ledger_seal (
        bank_id, number, tree_size, leaf_count, clock, root, previous, hash, frontier, leaf_hashes,
        transfer_ids, sealed_at)
    values (
        p_bank, p_number, p_tree_size, p_leaf_count, p_clock, p_root, p_previous, p_hash, p_frontier,
        p_leaf_hashes, p_transfer_ids, p_at);
    update ledger_book set sealed_clock = p_clock, sealing_clock = null, sealing_leaves = null
    where bank_id = p_bank;
end
$$

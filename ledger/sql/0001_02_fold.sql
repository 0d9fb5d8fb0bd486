-- Sums an account's newest entries into totals by day, once 512 have gathered; returns the versions folded.
--
-- A balance as of a day is then a sum over days and at most 512 entries, however long the history, and an
-- hour told weeks late needs nothing special. Folding each entry as it is booked would cost a quarter of
-- the whole write; folding 512 at once costs a fiftieth.
create function ledger_fold(
    p_bank uuid, p_accounts uuid[], p_versions bigint[], p_folded bigint[]
) returns bigint[]
language plpgsql
as $$
declare
    v_folded bigint[];
begin
    insert into ledger_day as d (bank_id, account_id, happened_on, change_minor)
    select p_bank, n.account_id, e.happened_on, sum(e.change)
    from unnest(p_accounts, p_versions, p_folded) n (account_id, version, folded),
         lateral (
             select happened_on, -amount_minor as change from ledger_transfer
             where bank_id = p_bank and payer_id = n.account_id and payer_version > n.folded
             union all
             select happened_on, amount_minor from ledger_transfer
             where bank_id = p_bank and payee_id = n.account_id and payee_version > n.folded
         ) e
    where n.version - n.folded >= 512
    group by n.account_id, e.happened_on
    on conflict (bank_id, account_id, happened_on)
    do update set change_minor = d.change_minor + excluded.change_minor;

    select array_agg(case when n.version - n.folded >= 512 then n.version else n.folded end order by n.at)
    into v_folded
    from unnest(p_versions, p_folded) with ordinality n (version, folded, at);
    return v_folded;
end
$$

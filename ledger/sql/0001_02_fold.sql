-- Sums an account's newest entries into totals by day, each time its version passes a multiple of 512.
--
-- A balance as of a day is then a sum over days and fewer than 512 entries, however long the history, and an
-- hour told weeks late needs nothing special. Folding each entry as it is booked would cost a quarter of
-- the whole write; folding 512 at once costs a fiftieth.
create function ledger_fold(p_bank uuid, p_accounts uuid[]) returns void
language plpgsql
as $$
begin
    insert into ledger_day as d (bank_id, account_id, happened_on, change_minor)
    select p_bank, l.account_id, e.happened_on, sum(e.change)
    from ledger_account l,
         lateral (
             select happened_on, -amount_minor as change from ledger_transfer
             where bank_id = p_bank and payer_id = l.account_id and payer_version > l.folded_version
             union all
             select happened_on, amount_minor from ledger_transfer
             where bank_id = p_bank and payee_id = l.account_id and payee_version > l.folded_version
         ) e
    where l.bank_id = p_bank and l.account_id = any (p_accounts) and l.version / 512 > l.folded_version / 512
    group by l.account_id, e.happened_on
    on conflict (bank_id, account_id, happened_on)
    do update set change_minor = d.change_minor + excluded.change_minor;

    update ledger_account
    set folded_version = version
    where bank_id = p_bank and account_id = any (p_accounts) and version / 512 > folded_version / 512;
end
$$

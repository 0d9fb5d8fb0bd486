-- Gives back what some holds set aside and says how they ended. Holds are locked before accounts, both in
-- the order of their ids, wherever both are; the caller has locked these holds.
create function ledger_end_holds(p_bank uuid, p_at timestamptz, p_holds uuid[], p_state text) returns void
language plpgsql
as $$
begin
    perform from ledger_account
    where bank_id = p_bank and account_id in (
        select account_id from ledger_hold where bank_id = p_bank and hold_id = any (p_holds))
    order by account_id
    for no key update;

    update ledger_account l
    set held = l.held - h.total
    from (select account_id, sum(amount_minor) as total from ledger_hold
          where bank_id = p_bank and hold_id = any (p_holds) and state = 'held'
          group by account_id) h
    where l.bank_id = p_bank and l.account_id = h.account_id;

    update ledger_hold
    set state = p_state, ended_at = p_at
    where bank_id = p_bank and hold_id = any (p_holds) and state = 'held';
end
$$

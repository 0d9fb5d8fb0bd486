-- The same rows as accountants know them: two entries for each transfer, one on either account.
create view ledger_entry with (security_invoker = true) as
select bank_id, payer_id as account_id, payer_version as version, transfer_id, payee_id as counterpart_id,
       -amount_minor as amount_minor, payer_balance as balance_after, happened_on, late_for, booked_at,
       currency, reference, reverses, captures
from ledger_transfer
union all
select bank_id, payee_id, payee_version, transfer_id, payer_id,
       amount_minor, payee_balance, happened_on, late_for, booked_at,
       currency, reference, reverses, captures
from ledger_transfer

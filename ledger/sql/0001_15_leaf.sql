-- A transfer as the Merkle tree's leaf: RFC 6962's hash of a line of text that needs no database to rebuild.
-- Days are counted from 2000-01-01, the moment in microseconds from 1970; what is null is left empty.
-- `ledger/proofs.py` builds the same line from the values alone. (Text, because joining as many pieces of
-- bytea takes three times as long; numbers for dates, because their text depends on the session.)
create function ledger_leaf(t ledger_transfer) returns bytea
language sql stable parallel safe
as $$
    select sha256('\x00'::bytea || convert_to(concat(
        'evenhour-transfer|', t.bank_id, '|', t.transfer_id, '|', t.payer_id, '|', t.payee_id, '|',
        t.amount_minor, '|', t.currency, '|', t.happened_on - date '2000-01-01', '|',
        t.late_for - date '2000-01-01', '|', (date_part('epoch', t.booked_at) * 1000000)::bigint, '|',
        t.payer_version, '|', t.payer_balance, '|', t.payee_version, '|', t.payee_balance, '|',
        t.reference, '|', t.reverses, '|', t.captures), 'UTF8'))
$$

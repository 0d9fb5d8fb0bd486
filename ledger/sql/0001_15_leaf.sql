-- A transfer as the Merkle tree's leaf: RFC 6962's hash of a line of text that needs no database to rebuild.
-- Days are counted from 2000-01-01, the moment in microseconds from 1970. Eleven values make the line of most
-- transfers; late_for, reference, reverses and captures follow, empty where null, when any of them is there.
-- `ledger/proofs.py` builds the same line from the values alone. (Text, because joining as many pieces of
-- bytea takes three times as long; numbers for dates, because their text depends on the session; short, and
-- the bank left to the seal, which names it, because half of the time goes into hashing 64 bytes at a time.)
create function ledger_leaf(t ledger_transfer) returns bytea
language sql stable parallel safe
as $$
    select sha256('\x00'::bytea || convert_to(concat_ws('|',
        t.transfer_id, t.payer_id, t.payee_id, t.amount_minor, t.currency,
        t.happened_on - date '2000-01-01', (date_part('epoch', t.booked_at) * 1000000)::bigint,
        t.payer_version, t.payer_balance, t.payee_version, t.payee_balance,
        case when coalesce(t.reference, t.reverses, t.captures) is not null or t.late_for is not null then
            concat(t.late_for - date '2000-01-01', '|', t.reference, '|', t.reverses, '|', t.captures)
        end), 'UTF8'))
$$

-- A transfer as the Merkle tree's leaf: RFC 6962's hash of a fixed layout that needs no database to rebuild.
-- Numbers are big-endian; moments are microseconds and days are days since 2000-01-01; the nil UUID stands
-- for none. `ledger/proofs.py` builds the same bytes from the values alone.
create function ledger_leaf(t ledger_transfer) returns bytea
language sql immutable parallel safe
as $$
    select sha256(
        '\x00'::bytea || uuid_send(t.bank_id) || uuid_send(t.transfer_id)
        || uuid_send(t.payer_id) || uuid_send(t.payee_id)
        || uuid_send(coalesce(t.reference, '00000000-0000-0000-0000-000000000000'))
        || uuid_send(coalesce(t.reverses, '00000000-0000-0000-0000-000000000000'))
        || uuid_send(coalesce(t.captures, '00000000-0000-0000-0000-000000000000'))
        || int8send(t.amount_minor)
        || int8send(t.payer_version) || int8send(t.payer_balance)
        || int8send(t.payee_version) || int8send(t.payee_balance)
        || timestamptz_send(t.booked_at)
        || date_send(t.happened_on) || date_send(coalesce(t.late_for, t.happened_on))
        || convert_to(t.currency, 'UTF8'))
$$

-- A transfer as the Merkle tree's leaf: RFC 6962's hash (a zero byte first) of bytes that need no database to
-- rebuild; `ledger/proofs.py` builds the same from the values alone. Numbers are big-endian:
--
--     amount                                              7 bytes
--     transfer, payer, payee                              3 × 16
--     payer's version and balance, payee's the same       4 × 8
--     booked at, in microseconds from 2000-01-01 UTC      8
--     happened on, in days from 2000-01-01                4
--     0; or, where any of late_for, reference, reverses and captures is there: 1, and for each of these
--         in turn 0, or 1 and its value                   1 to 57
--     the currency's code, which is ASCII                 to the end
--
-- An amount here has 8 bytes, of which the first is zero, as no amount reaches 2^56: that one is RFC 6962's.
-- The bank is left to the seal, which names it. Most transfers make 105 bytes, two blocks for SHA-256 where a
-- line of text makes three; hashing is most of what a leaf costs. Joined in pairs of pairs, which copies less.
create function ledger_leaf(t ledger_transfer) returns bytea
language sql stable parallel safe
as $$
    select sha256(
        ((int8send(t.amount_minor) || uuid_send(t.transfer_id)) || (uuid_send(t.payer_id) || uuid_send(t.payee_id)))
        || (((int8send(t.payer_version) || int8send(t.payer_balance))
             || (int8send(t.payee_version) || int8send(t.payee_balance)))
            || ((timestamptz_send(t.booked_at) || date_send(t.happened_on))
                || (case when coalesce(t.reference, t.reverses, t.captures) is null and t.late_for is null
                    then '\x00'::bytea
                    else '\x01'::bytea || coalesce('\x01' || date_send(t.late_for), '\x00')
                         || coalesce('\x01' || uuid_send(t.reference), '\x00')
                         || coalesce('\x01' || uuid_send(t.reverses), '\x00')
                         || coalesce('\x01' || uuid_send(t.captures), '\x00')
                    end
                    || textsend(t.currency)))))
$$

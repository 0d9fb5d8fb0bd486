-- What a list's booking answers: one array per fact, each as long as the list. Where nothing was out of the
-- ordinary, moments has one element, which is every item's, and of the others only balances and versions are
-- there: where the whole list left each of its accounts. Whoever asked works out what each item left, when no
-- account waits for it any more.
create type ledger_booked as (
    payer_balances bigint[],
    payer_versions bigint[],
    payee_balances bigint[],
    payee_versions bigint[],
    days date[],
    late_days date[],
    moments timestamptz[],
    failures text[],
    balances bigint[],
    versions bigint[]
)

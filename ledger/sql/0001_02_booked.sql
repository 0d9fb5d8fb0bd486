-- What a list's booking answers: one array per fact, each as long as the list. Where nothing was out of the
-- ordinary, days, late_days and failures are null, and moments has one element, which is every item's.
create type ledger_booked as (
    payer_balances bigint[],
    payer_versions bigint[],
    payee_balances bigint[],
    payee_versions bigint[],
    days date[],
    late_days date[],
    moments timestamptz[],
    failures text[]
)

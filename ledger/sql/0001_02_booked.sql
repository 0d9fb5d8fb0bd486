-- What a list's booking answers: one array per fact, each as long as the list.
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

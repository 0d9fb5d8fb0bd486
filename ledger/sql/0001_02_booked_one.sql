-- What one transfer's booking answers, beside what was asked for.
create type ledger_booked_one as (
    payer_balance bigint,
    payer_version bigint,
    payee_balance bigint,
    payee_version bigint,
    happened_on date,
    late_for date,
    booked_at timestamptz
)

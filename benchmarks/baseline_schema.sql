-- The least that can be called a transfer: two balances and a row, in one PL/pgSQL statement from the client.
-- No versions, no idempotency, no limits, no banks, no proof. R is how often this server does it in a second.
create schema baseline;

create table baseline.account (
    account_id integer primary key,
    balance bigint not null
) with (fillfactor = 50);

create table baseline.transfer (
    transfer_id bigint generated always as identity primary key,
    payer_id integer not null,
    payee_id integer not null,
    amount bigint not null,
    booked_at timestamptz not null default now()
);

insert into baseline.account select n, 0 from generate_series(1, 10000) n;

create function baseline.transfer(p_payer integer, p_payee integer, p_amount bigint) returns void
language plpgsql
as $$
begin
    -- The lower key first, so that opposing directions wait and never deadlock.
    if p_payer < p_payee then
        update baseline.account set balance = balance - p_amount where account_id = p_payer;
        update baseline.account set balance = balance + p_amount where account_id = p_payee;
    else
        update baseline.account set balance = balance + p_amount where account_id = p_payee;
        update baseline.account set balance = balance - p_amount where account_id = p_payer;
    end if;
    insert into baseline.transfer (payer_id, payee_id, amount) values (p_payer, p_payee, p_amount);
end
$$;

-- How many entries an account had at a moment. The books' time does not run backwards on an account, so the
-- answer is found by halving; it costs twenty looks among a million entries. Runs with the caller's rights.
create function ledger_version_at(p_bank uuid, p_account uuid, p_moment timestamptz) returns bigint
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_low bigint := 0;
    v_high bigint;
    v_middle bigint;
    v_booked_at timestamptz;
begin
    select version into v_high from ledger_account where bank_id = p_bank and account_id = p_account;
    while v_low < v_high loop
        v_middle := (v_low + v_high + 1) / 2;
        select booked_at into v_booked_at from ledger_transfer
        where bank_id = p_bank and payer_id = p_account and payer_version = v_middle;
        if not found then
            select booked_at into v_booked_at from ledger_transfer
            where bank_id = p_bank and payee_id = p_account and payee_version = v_middle;
        end if;
        if v_booked_at <= p_moment then
            v_low := v_middle;
        else
            v_high := v_middle - 1;
        end if;
    end loop;
    return v_low;
end
$$

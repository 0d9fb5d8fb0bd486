-- Gives a bank one more currency; the same call again changes nothing, other contents are refused.
create function ledger_open_currency(
    p_bank uuid, p_code text, p_minor_per_major integer, p_label text
) returns void
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_known ledger_currency;
begin
    v_is_in := ledger_enter(p_bank);
    insert into ledger_currency (bank_id, code, minor_per_major, label)
    values (p_bank, p_code, p_minor_per_major, p_label)
    on conflict (bank_id, code) do nothing;
    if not found then
        select * into v_known from ledger_currency where bank_id = p_bank and code = p_code;
        if (v_known.minor_per_major, v_known.label) is distinct from (p_minor_per_major, p_label) then
            perform ledger_refuse('different_currency_same_code', jsonb_build_object('currency', p_code));
        end if;
    end if;
end
$$

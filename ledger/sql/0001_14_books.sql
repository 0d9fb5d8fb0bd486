-- Says which time zone a bank's days are in.
create function ledger_open_books(p_bank uuid, p_time_zone text) returns void
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
begin
    v_is_in := ledger_enter(p_bank);
    if not exists (select from pg_timezone_names where name = p_time_zone) then
        perform ledger_refuse('unknown_time_zone', jsonb_build_object('time_zone', p_time_zone));
    end if;
    insert into ledger_book (bank_id, time_zone) values (p_bank, p_time_zone)
    on conflict (bank_id) do update set time_zone = excluded.time_zone;
end
$$

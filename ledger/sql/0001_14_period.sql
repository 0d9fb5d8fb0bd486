-- Closes all days before p_open_from: nothing is booked on them any more. Alone with the bank, so that no
-- transfer judged before the line was drawn lands behind it afterwards.
create function ledger_close_period(p_bank uuid, p_open_from date, p_at timestamptz) returns void
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_book ledger_book;
    v_today date;
begin
    v_is_in := ledger_enter(p_bank, true);
    insert into ledger_book (bank_id, time_zone) values (p_bank, 'Europe/London')
    on conflict (bank_id) do nothing;
    select * into v_book from ledger_book where bank_id = p_bank;
    v_today := (p_at at time zone v_book.time_zone)::date;
    if p_open_from > v_today then
        perform ledger_refuse('day_in_future', jsonb_build_object('happened_on', p_open_from, 'today', v_today));
    elsif p_open_from < v_book.open_from then
        perform ledger_refuse('period_goes_back', jsonb_build_object('open_from', v_book.open_from));
    end if;
    update ledger_book set open_from = p_open_from where bank_id = p_bank;
end
$$

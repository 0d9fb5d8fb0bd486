-- Gives back what a hold set aside. Releasing again changes nothing.
create function ledger_release(p_bank uuid, p_at timestamptz, p_hold uuid) returns ledger_hold
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_in boolean;
    v_hold ledger_hold;
begin
    v_is_in := ledger_enter(p_bank);
    select * into v_hold from ledger_hold where bank_id = p_bank and hold_id = p_hold for update;
    if not found then
        perform ledger_refuse('unknown_hold', jsonb_build_object('hold_id', p_hold));
    elsif v_hold.state in ('captured', 'expired') then
        perform ledger_refuse('hold_ended', jsonb_build_object('hold_id', p_hold, 'state', v_hold.state));
    end if;
    perform ledger_end_holds(p_bank, p_at, array[p_hold], 'released');
    select * into v_hold from ledger_hold where bank_id = p_bank and hold_id = p_hold;
    return v_hold;
end
$$

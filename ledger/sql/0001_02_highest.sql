-- What a balance cannot go above whoever writes: its ceiling, or where it stands now if that is higher.
create function ledger_highest(p_ceiling bigint, p_now bigint) returns bigint
language sql immutable
as $$ select least(9007199254740992, greatest(coalesce(p_ceiling, 9007199254740992), p_now)) $$

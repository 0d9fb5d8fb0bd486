-- What a balance cannot go below whoever writes: its floor, or where it stands now if that is lower.
create function ledger_lowest(p_floor bigint, p_now bigint) returns bigint
language sql immutable
as $$ select greatest(-9007199254740992, least(coalesce(p_floor, -9007199254740992), p_now)) $$

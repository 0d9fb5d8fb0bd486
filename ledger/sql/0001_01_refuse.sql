-- A broken rule: SQLSTATE LG001, the rule's name as message, what Python needs to explain it as JSON detail.
create function ledger_refuse(p_rule text, p_detail jsonb) returns void
language plpgsql
as $$
begin
    raise exception using errcode = 'LG001', message = p_rule, detail = coalesce(p_detail, '{}'::jsonb)::text;
end
$$

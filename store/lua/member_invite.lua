-- IN: code, role, uses, expires (RFC 3339), gone (codes out of date)
-- Returns the invitation's code.
for _, code in ipairs(IN.gone) do redis.call('HDEL', P .. 'invitations', code) end
put('invitations', IN.code, { code = IN.code, by = BY, role = IN.role, uses = IN.uses, expires = IN.expires })
return ok(IN.code)

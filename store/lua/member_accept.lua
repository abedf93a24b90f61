-- IN: code, expired (true when its time has passed), id, name, agreement, at, sort, words, organisation {name, kind, folded}
-- Returns the member's id. Invariant: an invitation lets in as many as it says, and lowers nobody's role.
local m, invitation = get('members', IN.id), get('invitations', IN.code)
if not m then return fail('not_found') end
if not invitation or IN.expired then return fail('invitation_used') end
if at_least(m, invitation.role) then return fail('already_in') end
invitation.uses = invitation.uses - 1
if invitation.uses > 0 then
  put('invitations', IN.code, invitation)
else
  redis.call('HDEL', P .. 'invitations', IN.code)
end
m.name, m.agreed_at = IN.name, IN.at
if IN.agreement ~= '' then m.agreement = IN.agreement end
set_role(m, invitation.role)
set_organisation(m, organisation_for(IN.organisation))
reindex(m, IN.sort, IN.words)
redis.call('HDEL', P .. 'applications', m.id)
put('members', m.id, m)
return ok(m.id)

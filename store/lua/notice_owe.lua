-- Owes a notice by itself.
-- IN kind, ref, member, rev; due in ms, due_text the same as RFC 3339
-- Returns the notice's id.
-- Invariant: what is owed, under way or ended is not owed again.
return ok(owe(IN.kind, IN.ref, IN.member, IN.rev, IN.due, IN.due_text))

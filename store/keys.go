package store

import "strconv"

// keys builds every Redis key of one library. All domain keys share the hash
// tag {library}, so that one script may change several aggregates at once;
// the Lua scripts get the same prefix and build the same names (prelude.lua).
// Each line of the table below names a key's type, what it holds and its TTL.
//
// Each kind of aggregate is one hash, id -> JSON: compact, fetched by HMGET,
// walked by HSCAN.
type keys struct{ library string }

func newKeys(library string) keys { return keys{library: library} }

// prefix is what all domain keys begin with.
func (k keys) prefix() string { return "{" + k.library + "}:" }

// Of the whole library.

func (k keys) schema() string { return k.prefix() + "schema" } // string, version of the state's form, no TTL
func (k keys) ids() string    { return k.prefix() + "ids" }    // hash, kind's letter -> last number given, no TTL
func (k keys) decision(id string) string { // string, JSON result of a decision, TTL 2 days
	return k.prefix() + "decision:" + id
}

// Notices.

func (k keys) outbox() string   { return k.prefix() + "outbox" }   // zset, notice id by due time in ms, no TTL
func (k keys) notices() string  { return k.prefix() + "notices" }  // hash, notice id -> JSON of what is owed or under way, no TTL
func (k keys) underWay() string { return k.prefix() + "underway" } // zset, notice id by the ms of its hand-over, no TTL
func (k keys) settled() string  { return k.prefix() + "settled" }  // zset, notice id by the ms until which its end is known, trimmed
func (k keys) noticeCounts() string { // hash, how it ended:kind -> how many, no TTL
	return k.prefix() + "notice_counts"
}

func (k keys) failedNotices() string { // list, JSON of what could not be delivered, newest first, trimmed by Failed
	return k.prefix() + "failed_notices"
}

// Members.

func (k keys) members() string    { return k.prefix() + "members" }           // hash, member id -> JSON, no TTL
func (k keys) chats() string      { return k.prefix() + "chats" }             // hash, Telegram chat -> member id, no TTL
func (k keys) role(r Role) string { return k.prefix() + "role:" + string(r) } // set of the member ids with exactly this role, no TTL
func (k keys) awaited() string { // set of chats that become owners when they first write, no TTL
	return k.prefix() + "awaited"
}
func (k keys) names() string { return k.prefix() + "names" } // zset by name (score 0), "folded name US member id", no TTL
func (k keys) words() string { // zset by name (score 0), "word US folded name US member id", no TTL
	return k.prefix() + "words"
}

func (k keys) indexed() string { // hash, member id -> "folded name US own words US organisation's words", no TTL
	return k.prefix() + "indexed"
}

func (k keys) applications() string { // hash, member id -> JSON, no TTL
	return k.prefix() + "applications"
}

func (k keys) invitations() string { // hash, code -> JSON, those out of date removed by the next Invite
	return k.prefix() + "invitations"
}

func (k keys) organisations() string { // hash, organisation id -> JSON, no TTL
	return k.prefix() + "organisations"
}

func (k keys) organisationNames() string { // hash, "kind:folded name" -> organisation id, no TTL
	return k.prefix() + "organisation_names"
}

func (k keys) organisationWords() string { // hash, organisation id -> folded words of its name, no TTL
	return k.prefix() + "organisation_words"
}

func (k keys) affiliates(o OrganisationID) string { // set of its member ids, no TTL
	return k.prefix() + "affiliates:" + string(o)
}

// Titles.

func (k keys) titles() string    { return k.prefix() + "titles" }    // hash, title id -> JSON, no TTL
func (k keys) shelves() string   { return k.prefix() + "shelves" }   // hash, title id -> JSON array of its copies, no TTL
func (k keys) copyTitle() string { return k.prefix() + "copytitle" } // hash, copy id -> title id, no TTL
func (k keys) barcodes() string  { return k.prefix() + "barcodes" }  // hash, barcode -> copy id, no TTL
func (k keys) identity() string { // hash, "control:family:number", "isbn:…", "work:…" -> title id, no TTL
	return k.prefix() + "identity"
}

func (k keys) changes() string { // stream of title ids, entry ids n-0 counted by ids "change", MAXLEN ~ 50,000
	return k.prefix() + "changes"
}

func (k keys) source(s string) string { // set of the title ids added by a source, no TTL
	return k.prefix() + "source:" + s
}
func (k keys) locations() string     { return k.prefix() + "locations" }      // hash, location id -> JSON, no TTL
func (k keys) locationNames() string { return k.prefix() + "location_names" } // hash, folded name -> location id, no TTL

// Holds and loans. Order is the number in a hold's id, read in base 36: it counts placings.

func (k keys) holds() string { return k.prefix() + "holds" } // hash, hold id -> JSON, open and past, no TTL
func (k keys) loans() string { return k.prefix() + "loans" } // hash, loan id -> JSON, open and past, no TTL
func (k keys) promised() string { // hash, copy id -> hold id it is allocated, in transit or ready for, no TTL
	return k.prefix() + "promised"
}
func (k keys) lent() string     { return k.prefix() + "lent" }     // hash, copy id -> open loan id, no TTL
func (k keys) loansDue() string { return k.prefix() + "loansdue" } // zset, open loan id by due time in ms, no TTL
func (k keys) deadlines() string { // zset, ready hold id by deadline in ms, no TTL
	return k.prefix() + "deadlines"
}

func (k keys) queue(t TitleID) string { // zset, placed hold id by order, no TTL
	return k.prefix() + "queue:" + string(t)
}

func (k keys) holdsIn(s HoldState) string { // zset, open hold id by order, no TTL
	return k.prefix() + "holdsin:" + string(s)
}

func (k keys) pickups(p Place) string { // zset, open hold id to be picked up there by order, no TTL
	return k.prefix() + "pickups:" + string(p)
}

func (k keys) memberHolds(m MemberID) string { // zset, hold id, open and past, by order, no TTL
	return k.prefix() + "member:" + string(m) + ":holds"
}

func (k keys) memberOpen(m MemberID) string { // hash, title id -> open hold id, no TTL
	return k.prefix() + "member:" + string(m) + ":open"
}

func (k keys) memberLoans(m MemberID) string { // zset, loan id, open and past, by order, no TTL
	return k.prefix() + "member:" + string(m) + ":loans"
}

func (k keys) memberLent(m MemberID) string { // hash, open loan id -> title id, no TTL
	return k.prefix() + "member:" + string(m) + ":lent"
}

// Audit, rules, imports.

func (k keys) audit() string       { return k.prefix() + "audit" }        // stream: at, by, subject, event, from, to; MAXLEN ~ 100,000
func (k keys) rulebook() string    { return k.prefix() + "rulebook" }     // string, JSON, no TTL
func (k keys) sample() string      { return k.prefix() + "sample" }       // string, "loaded" or "removed", no TTL
func (k keys) clockShift() string  { return k.prefix() + "clockshift" }   // string, milliseconds, no TTL
func (k keys) imports() string     { return k.prefix() + "imports" }      // hash, import id -> JSON, no TTL
func (k keys) importQueue() string { return k.prefix() + "import_queue" } // zset, import id by the ms from which it may be taken, no TTL
func (k keys) restoring() string   { return k.prefix() + "restoring" }    // string, there while a restore is not complete, no TTL

// Van.

func (k keys) timetable() string { return k.prefix() + "timetable" } // hash, "stops" and "visits" -> their revision, no TTL
func (k keys) routes() string    { return k.prefix() + "routes" }    // hash, route id -> JSON, no TTL
func (k keys) stops() string     { return k.prefix() + "stops" }     // hash, stop id -> JSON, no TTL
func (k keys) visitDue() string  { return k.prefix() + "visitdue" }  // zset, "stop choice" by the ms of its next reminders, no TTL
func (k keys) visits(day string) string { // hash, stop id -> JSON of what changed on that day (20060102), TTL 60 days after it
	return k.prefix() + "visits:" + day
}

func (k keys) followers(stop StopID) string { // zset by name (score 0), member id, no TTL
	return k.prefix() + "followers:" + string(stop)
}

func (k keys) followersBy(stop StopID, choice string) string { // zset by name (score 0), member id with that reminder, no TTL
	return k.prefix() + "followers:" + string(stop) + ":" + choice
}

func (k keys) choices(stop StopID) string { // hash, choice -> "date due cursor" of the next reminders to plan, no TTL
	return k.prefix() + "choices:" + string(stop)
}

func (k keys) follows(member MemberID) string { // hash, stop id -> "choice@ms choice@ms" chosen since, no TTL
	return k.prefix() + "follows:" + string(member)
}

// Delivery. These have tags of their own: a Cluster spreads them.

func (k keys) dialogue(chat int64) string { // hash, update, state before it and after it, TTL 1 day
	return k.ofChat("dialogue", chat)
}

func (k keys) chatLease(chat int64) string { // string, who works on a chat, TTL the lease
	return k.ofChat("lease", chat)
}

func (k keys) updateDone(chat, update int64) string { // string, that an update is done, TTL 2 days
	return k.ofChat("update", chat) + ":" + strconv.FormatInt(update, 10)
}

func (k keys) flood(chat, person int64) string { // hash, full: when the person's bucket is full again in us, warned; TTL until then
	return k.ofChat("flood", chat) + ":" + strconv.FormatInt(person, 10)
}

func (k keys) kept() string { return k.library + ":kept" } // hash, number -> JSON of an update taken over from Telegram, no TTL

// ofChat is a key whose tag is the chat: one script may use several of a chat's.
func (k keys) ofChat(what string, chat int64) string {
	return k.library + ":" + what + ":{" + strconv.FormatInt(chat, 10) + "}"
}

func (k keys) markDone(job string) string { // string, the last slot of time that is done, TTL 1 day
	return k.library + ":mark:{" + job + "}:done"
}

func (k keys) markLease(job string) string { // string, who is at it, TTL the lease
	return k.library + ":mark:{" + job + "}:lease"
}

func (k keys) markOnce(name string) string { // string, that somebody went ahead, TTL the period
	return k.library + ":once:{" + name + "}"
}

// The send budget's keys share a tag: one script looks at all of them.

func (k keys) budget(what string) string { // see budget_take.lua; TTL until what it limits is free again
	return k.library + ":{budget}:" + what
}

// Activities.

func (k keys) activities() string   { return k.prefix() + "activities" }   // hash, activity id -> JSON, no TTL
func (k keys) activityEnds() string { return k.prefix() + "activityends" } // zset, activity id by its end in ms, no TTL
func (k keys) registrations(a ActivityID) string { // hash, member id -> JSON, cancelled ones too, no TTL
	return k.prefix() + "registrations:" + string(a)
}

func (k keys) seats(a ActivityID) string { // zset, confirmed member id by order, no TTL
	return k.prefix() + "seats:" + string(a)
}

func (k keys) waitlist(a ActivityID) string { // zset, waiting member id by order, no TTL
	return k.prefix() + "waitlist:" + string(a)
}

func (k keys) registered(m MemberID) string { // set of activity ids where confirmed or waiting, no TTL
	return k.prefix() + "registered:" + string(m)
}

// Questions.

func (k keys) questions() string     { return k.prefix() + "questions" }     // hash, question id -> JSON, no TTL
func (k keys) openQuestions() string { return k.prefix() + "openquestions" } // zset, unanswered question id by the ms of asking, no TTL
func (k keys) asked(m MemberID) string { // set of the question ids that a member asked, no TTL
	return k.prefix() + "asked:" + string(m)
}

// Broadcasts. What is kept of the audience ends 48 hours after the broadcast, when Telegram lets a bot delete no copy any more. Its members
// are named by their index in the list.

func (k keys) broadcasts() string  { return k.prefix() + "broadcasts" }  // hash, broadcast id -> JSON of what is written of it, no TTL
func (k keys) broadcastAt() string { return k.prefix() + "broadcastat" } // zset, broadcast id by the ms of its draft, no TTL
func (k keys) sending() string     { return k.prefix() + "sending" }     // set of the broadcast ids being sent, no TTL
func (k keys) scheduled() string   { return k.prefix() + "scheduled" }   // zset, broadcast id by the ms when it is to be sent, no TTL
func (k keys) broadcastState(id BroadcastID) string { // hash: state, pass, counts, cursors (lib_broadcast.lua); no TTL
	return k.prefix() + "broadcast:" + string(id)
}

func (k keys) audience(id BroadcastID) string { // list of member ids, fixed at the start, TTL 48 hours after the end
	return k.prefix() + "audience:" + string(id)
}

func (k keys) staged(start string) string { // list of member ids, an audience that is being looked up, TTL an hour
	return k.prefix() + "staged:" + start
}

func (k keys) results(id BroadcastID) string { // string, a byte for each of the audience, TTL as audience
	return k.prefix() + "results:" + string(id)
}

func (k keys) copies(id BroadcastID) string { // string, two message ids of 4 bytes for each of the audience, TTL as audience
	return k.prefix() + "copies:" + string(id)
}

func (k keys) leases(id BroadcastID) string { // zset, index taken and not settled by the ms when it may be taken again, TTL as audience
	return k.prefix() + "leases:" + string(id)
}

func (k keys) passing(id BroadcastID) string { // zset, as leases, of a pass other than the first, TTL as audience
	return k.prefix() + "passing:" + string(id)
}

func (k keys) unreached(id BroadcastID) string { // hash, index -> why it did not get there, TTL as audience
	return k.prefix() + "unreached:" + string(id)
}

package store

// RegistrationEvent is something that happens to a registration.
type RegistrationEvent string

// The events of a registration's life.
const (
	EventRegister   RegistrationEvent = "register"
	EventUnregister RegistrationEvent = "unregister"
	EventPromote    RegistrationEvent = "promote" // by itself, when a seat is free and it is the first in the waitlist
)

// registrationGuard is what else decides where an event leads.
type registrationGuard string

const (
	always   registrationGuard = ""
	withSeat registrationGuard = "seat" // a seat is free, and nobody waits for it
	noSeat   registrationGuard = "full"
)

// registrationRule is one line of the table. Reminders are no part of it: who is
// confirmed has them, nobody else.
type registrationRule struct {
	From   RegistrationState // "" is none
	Event  RegistrationEvent
	Guard  registrationGuard
	To     RegistrationState
	Notice NoticeKind // owed to the member; "" is none
}

// registrationTable is the whole life of a registration. What is not in it, can't happen. The scripts get it as data (registrationMoves).
func registrationTable() []registrationRule {
	return []registrationRule{
		{"", EventRegister, withSeat, Confirmed, ""},
		{"", EventRegister, noSeat, Waitlisted, ""},
		{RegistrationCancelled, EventRegister, withSeat, Confirmed, ""},
		{RegistrationCancelled, EventRegister, noSeat, Waitlisted, ""},
		{Confirmed, EventUnregister, always, RegistrationCancelled, ""},
		{Waitlisted, EventUnregister, always, RegistrationCancelled, ""},
		{Waitlisted, EventPromote, always, Confirmed, NoticePromoted},
	}
}

// registrationMove is where a line of the table leads, as the scripts see it.
type registrationMove struct {
	To     RegistrationState `json:"to"`
	Notice NoticeKind        `json:"notice"`
}

// registrationMoves is the table by "from event guard".
func registrationMoves() map[string]registrationMove {
	moves := map[string]registrationMove{}
	for _, r := range registrationTable() {
		moves[string(r.From)+" "+string(r.Event)+" "+string(r.Guard)] = registrationMove{r.To, r.Notice}
	}
	return moves
}

package store

import "time"

// ActivityID identifies an activity ("a…").
type ActivityID string

// ActivityKind says what an activity is.
type ActivityKind string

// The kinds of activity.
const (
	KindTraining     ActivityKind = "training"
	KindSeminar      ActivityKind = "seminar"
	KindCourse       ActivityKind = "course"
	KindMeeting      ActivityKind = "meeting"
	KindFair         ActivityKind = "fair"
	KindPresentation ActivityKind = "presentation"
	KindOuting       ActivityKind = "outing"
)

// AllActivityKinds lists them in the order people see.
func AllActivityKinds() []ActivityKind {
	return []ActivityKind{KindTraining, KindSeminar, KindCourse, KindMeeting, KindFair, KindPresentation, KindOuting}
}

// Session is one meeting of an activity.
type Session struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Activity is something the cluster does together.
type Activity struct {
	ID        ActivityID        `json:"id"`
	Kind      ActivityKind      `json:"kind"`
	Name      string            `json:"name"`
	Names     map[string]string `json:"names,omitempty"` // in other languages (lt, lv, en), else Name
	About     string            `json:"about,omitempty"`
	Programme string            `json:"programme,omitempty"`
	Sessions  []Session         `json:"sessions"` // at least one, in order
	Venue     string            `json:"venue"`
	Lat       float64           `json:"lat,omitempty"`
	Lon       float64           `json:"lon,omitempty"`
	Language  string            `json:"language"`
	Lecturer  string            `json:"lecturer,omitempty"`
	Topic     Topic             `json:"topic,omitempty"`
	Seats     int               `json:"seats"` // 0 is without limit
	Cancelled bool              `json:"cancelled,omitempty"`
	Source    string            `json:"source,omitempty"`
	Revision  int               `json:"revision"` // grows when time or place change; SEQUENCE in iCalendar
}

// Start is when the first session begins.
func (a Activity) Start() time.Time { return a.Sessions[0].Start }

// End is when the last session ends.
func (a Activity) End() time.Time { return a.Sessions[len(a.Sessions)-1].End }

// RegistrationState is a state of a registration's life.
type RegistrationState string

// The states of a registration. Offered, attended and no-show come with the depth of trainings.
const (
	Confirmed             RegistrationState = "confirmed"
	Waitlisted            RegistrationState = "waitlisted"
	Offered               RegistrationState = "offered"
	RegistrationCancelled RegistrationState = "cancelled"
	Attended              RegistrationState = "attended"
	NoShow                RegistrationState = "no_show"
)

// Registration is a member's place in an activity.
type Registration struct {
	Activity ActivityID        `json:"activity"`
	Member   MemberID          `json:"member"`
	State    RegistrationState `json:"state"`
	Position int               `json:"position,omitempty"` // in the waitlist, 1 is next
	At       time.Time         `json:"at"`
	Revision int               `json:"revision"`
}

// Seats counts an activity's places.
type Seats struct{ Capacity, Confirmed, Waiting int }

// Free is how many seats are left; -1 when there is no limit.
func (s Seats) Free() int {
	if s.Capacity == 0 {
		return -1
	}
	return max(0, s.Capacity-s.Confirmed)
}

// Activities keeps activities and registrations.
type Activities struct{ *db }

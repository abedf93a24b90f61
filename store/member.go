package store

import (
	"slices"
	"strings"
	"time"
)

// MemberID identifies a person ("m…").
type MemberID string

// OrganisationID identifies an organisation ("o…").
type OrganisationID string

// Role is what a member may do; each includes those before it.
type Role string

// The roles, in ascending order.
const (
	RoleGuest     Role = "guest"     // may search and see the timetable
	RoleApplicant Role = "applicant" // asked to join, waits for a librarian
	RoleMember    Role = "member"    // may reserve and register
	RoleDriver    Role = "driver"    // runs the van's trips
	RoleLibrarian Role = "librarian" // runs the library
	RoleOwner     Role = "owner"     // names librarians and drivers
)

// AllRoles lists them in ascending order.
func AllRoles() []Role {
	return []Role{RoleGuest, RoleApplicant, RoleMember, RoleDriver, RoleLibrarian, RoleOwner}
}

// AtLeast tells whether r includes what other may do. A role that is not known
// includes nothing.
func (r Role) AtLeast(other Role) bool {
	have := slices.Index(AllRoles(), r)
	return have >= 0 && have >= slices.Index(AllRoles(), other)
}

// OrganisationKind says what an organisation of the cluster is.
type OrganisationKind string

// The kinds of organisation in the cluster.
const (
	KindLibrary  OrganisationKind = "library"
	KindNGO      OrganisationKind = "ngo"
	KindBusiness OrganisationKind = "business"
	KindPartner  OrganisationKind = "partner"
)

// Member is a person known to the bot, from the first /start on. Chat is 0 for
// a member without Telegram, for whom staff act.
type Member struct {
	ID           MemberID       `json:"id"`
	Chat         int64          `json:"chat,omitempty,string"` // Telegram chat, which is the Telegram user id; a string in JSON for Lua's sake
	Name         string         `json:"name"`
	Username     string         `json:"username,omitempty"`
	Phone        string         `json:"phone,omitempty"` // only for members without Telegram
	Role         Role           `json:"role"`
	Organisation OrganisationID `json:"organisation,omitempty"`
	AgreedAt     time.Time      `json:"agreed_at,omitzero"`  // to the cooperation agreement
	Agreement    string         `json:"agreement,omitempty"` // version agreed to
	JoinedAt     time.Time      `json:"joined_at,omitzero"`
	SeenAt       time.Time      `json:"seen_at,omitzero"`
	Unreachable  bool           `json:"unreachable,omitempty"` // blocked the bot, or deleted the account
	Settings     Settings       `json:"settings"`
}

// Settings are a member's choices. Clock times are minutes after midnight on
// the library's wall clock.
type Settings struct {
	Language         string    `json:"language"`           // lt, lv or en
	VisitReminders   bool      `json:"visit_reminders"`    // default true
	VisitEvening     int       `json:"visit_evening"`      // minute of the evening before; default 18:00; -1 is off
	VisitLead        int       `json:"visit_lead"`         // minutes before the arrival; default 30; -1 is off
	TrainingReminder bool      `json:"training_reminders"` // default true
	TrainingLead     int       `json:"training_lead"`      // minutes before the start; default 60; -1 is off; the day before at VisitEvening
	QuietFrom        int       `json:"quiet_from"`         // default 22:00
	QuietTo          int       `json:"quiet_to"`           // default 07:00; equal to QuietFrom is off
	News             bool      `json:"news"`               // broadcasts; default true
	Topics           []Topic   `json:"topics,omitempty"`   // of interest
	PausedUntil      time.Time `json:"paused_until,omitzero"`
}

// DefaultSettings are the choices of somebody new.
func DefaultSettings(language string) Settings {
	return Settings{
		Language:         language,
		VisitReminders:   true,
		VisitEvening:     18 * 60,
		VisitLead:        30,
		TrainingReminder: true,
		TrainingLead:     60,
		QuietFrom:        22 * 60,
		QuietTo:          7 * 60,
		News:             true,
	}
}

// valid tells whether the settings can be kept.
func (s Settings) valid() bool {
	const day = 24 * 60
	clock := func(minute, least int) bool { return minute >= least && minute < day }
	return languageOr(s.Language, "") == s.Language && s.Language != "" &&
		clock(s.VisitEvening, -1) && s.VisitLead >= -1 && s.TrainingLead >= -1 &&
		clock(s.QuietFrom, 0) && clock(s.QuietTo, 0) &&
		!slices.ContainsFunc(s.Topics, func(t Topic) bool { return !slices.Contains(AllTopics(), t) })
}

// QuietUntil is the end of the quiet hours that cover now, on the wall clock of zone; now when none do.
func (s Settings) QuietUntil(now time.Time, zone *time.Location) time.Time {
	from, to := s.QuietFrom, s.QuietTo
	local := now.In(zone)
	minute := local.Hour()*60 + local.Minute()
	day := local.Day()
	switch {
	case from == to:
		return now
	case from < to:
		if minute < from || minute >= to {
			return now
		}
	case minute >= from: // over midnight, before it
		day++
	case minute >= to:
		return now
	}
	return time.Date(local.Year(), local.Month(), day, 0, to, 0, 0, zone)
}

// languageOr picks the language we have for a tag of IETF BCP 47 ("lv-LV"), else fallback.
func languageOr(tag, fallback string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if slices.Contains([]string{"lt", "lv", "en"}, base) {
		return base
	}
	return fallback
}

// Organisation is a party to the cooperation agreement.
type Organisation struct {
	ID        OrganisationID   `json:"id"`
	Name      string           `json:"name"`
	Kind      OrganisationKind `json:"kind"`
	Country   string           `json:"country,omitempty"` // ISO 3166 alpha-2
	About     string           `json:"about,omitempty"`   // what it offers, in its own words
	Listed    bool             `json:"listed"`            // wishes to be found in /members
	CreatedAt time.Time        `json:"created_at"`
}

// Application is a guest's wish to join, waiting for a librarian.
type Application struct {
	Member       MemberID         `json:"member"`
	Name         string           `json:"name"` // the person's
	Organisation string           `json:"organisation"`
	Kind         OrganisationKind `json:"kind"`
	Agreement    string           `json:"agreement"` // version agreed to
	At           time.Time        `json:"at"`
}

// Invitation lets its holder join at once. Its code travels in a deep link.
type Invitation struct {
	Code    string    `json:"code"` // A-Z a-z 0-9 _ -, not guessable
	By      MemberID  `json:"by"`
	Role    Role      `json:"role"` // member, or owner for the first claim
	Uses    int       `json:"uses"` // left
	Expires time.Time `json:"expires"`
}

// Person is what Telegram tells of someone who writes.
type Person struct {
	Chat     int64
	Name     string
	Username string
	Language string // Telegram's language_code; may be empty or one we lack
}

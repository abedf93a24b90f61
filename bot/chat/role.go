package chat

// Role is what a person may do; each includes those before it.
type Role int

// The roles, in ascending order.
const (
	Guest Role = iota
	Applicant
	Member
	Driver
	Librarian
	Owner
)

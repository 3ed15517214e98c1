package ledger

import "github.com/google/uuid"

// Role says what an actor may do.
type Role string

// The roles.
const (
	RoleOfficer  Role = "officer"  // records pledges, receipts and deliveries
	RoleApprover Role = "approver" // decides on what waits for a second pair of eyes
	RoleAuditor  Role = "auditor"  // reads everything and changes nothing
	RoleAdmin    Role = "admin"    // keeps keys, funds and settings
	RoleDonor    Role = "donor"    // reads what belongs to one contributor
	RoleSystem   Role = "system"   // the command itself: imports and jobs
)

// Roles lists the roles that a key can have.
var Roles = []Role{RoleOfficer, RoleApprover, RoleAuditor, RoleAdmin, RoleDonor}

// Actor is who asks: the holder of a key, or the command itself.
type Actor struct {
	ID          int64
	Name        string
	Role        Role
	Contributor ContributorCode // a donor's own contributor; empty for the other roles
	Key         uuid.UUID       // that was shown; zero for the command itself and for who signed in elsewhere
}

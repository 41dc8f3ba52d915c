package access

import (
	"time"

	"tandem/directory"
)

// SetupLink lets somebody choose a password once. The link carries a secret;
// only its hash is kept.
type SetupLink struct {
	Hash      string           // SHA-256, hexadecimal
	UserID    directory.UserID // whose password it sets; 0: it creates the first administrator
	ExpiresAt time.Time
	UsedAt    time.Time // zero: not yet
}

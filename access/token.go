package access

import (
	"time"

	"tandem/directory"
)

// APIToken lets a program act as a person. The token itself is shown once, when
// it is made; only its hash is kept.
type APIToken struct {
	ID         int64
	Name       string
	Hash       string // SHA-256, hexadecimal
	Hint       string // the last characters of the token, so that people recognise it
	CreatedBy  directory.UserID
	CreatedAt  time.Time
	LastUsedAt time.Time // to the minute; zero when never
}

package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"tandem/problem"
)

// Limits of passwords. The longest keeps normalising and hashing cheap.
const (
	MinPassword = 10   // characters
	maxPassword = 1024 // bytes
)

// The costs of one hash: the least that the OWASP Password Storage Cheat Sheet
// asks of argon2id. It takes some 40 ms.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	saltSize     = 16
	hashSize     = 32
)

// hashWait is how long somebody waits for a turn before they are asked to come again.
const hashWait = 10 * time.Second

// common are the passwords of ten characters and more that guessers try first.
var common = []string{
	"0123456789", "0987654321", "1111111111", "1122334455", "123123123123", "1234512345", "1234567890", "12345678910",
	"123456789a", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "adminadmin", "administrator", "changeme123", "contraseña",
	"iloveyou123", "letmein123", "p@ssw0rd123", "passw0rd123", "password01", "password12", "password123", "password1234",
	"passwordpassword", "q1w2e3r4t5", "qazwsxedcrfv", "qwerty12345", "qwerty123456", "qwertyuiop", "qwertyuiop123",
	"sunshine123", "welcome123", "welcome1234", "zaq12wsxcde3", "senha12345", "mudar12345", "tandemtandem",
}

// checkPassword says what is wrong with a new password, or nothing.
func checkPassword(password, email string) error {
	lower := strings.ToLower(normalize(password))
	name, _, _ := strings.Cut(email, "@")
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return problem.New(problem.Invalid, "password_too_short", "The password is shorter than %d characters.", MinPassword).
			On(problem.Yours, "Take a longer one; a few words in a row are easy to remember.").
			With("min", fmt.Sprint(MinPassword)).In("password")
	case len(password) > maxPassword:
		return problem.New(problem.Invalid, "password_too_long", "The password is too long.").
			On(problem.Yours, "Take a shorter one.").In("password")
	case lower == email || lower == name:
		return problem.New(problem.Invalid, "password_is_address", "The password is the mail address.").
			On(problem.Yours, "Take one that others cannot know.").In("password")
	case slices.Contains(common, lower) || strings.Trim(lower, string([]rune(lower)[0])) == "":
		return problem.New(problem.Invalid, "password_common", "This password is among the first that guessers try.").
			On(problem.Yours, "Take a few words that do not belong together.").In("password")
	}
	return nil
}

// normalize makes the same password of what different keyboards send for it
// (NIST SP 800-63B, section 5.1.1.2).
func normalize(password string) string { return norm.NFKC.String(password) }

// hasher hashes a few passwords at a time, so that a flood of sign-ins takes
// neither all memory nor all processors.
type hasher struct {
	turns  chan struct{}
	memory uint32 // KiB; less only in tests
}

func newHasher() *hasher {
	return &hasher{turns: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))), memory: argonMemory}
}

// hash returns the password's encoded argon2id hash with a new salt.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	return h.encode(salt, derive(password, salt, argonTime, h.memory, argonThreads)), nil
}

// verify tells whether the password belongs to the encoded hash. With an empty
// one it takes as long and says no.
func (h *hasher) verify(ctx context.Context, password, encoded string) (bool, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if encoded == "" || len(password) > maxPassword {
		derive("", make([]byte, saltSize), argonTime, h.memory, argonThreads)
		return false, nil
	}
	var version, memory, rounds int
	var threads uint8
	var rest string
	if _, err := fmt.Sscanf(encoded, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &memory, &rounds, &threads, &rest); err != nil {
		return false, fmt.Errorf("read a password hash: %w", err)
	}
	saltText, hashText, _ := strings.Cut(rest, "$")
	salt, err := base64.RawStdEncoding.DecodeString(saltText)
	if err != nil {
		return false, fmt.Errorf("read the salt of a password hash: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(hashText)
	if err != nil {
		return false, fmt.Errorf("read a password hash: %w", err)
	}
	got := derive(password, salt, uint32(rounds), uint32(memory), threads)
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// turn waits until one more may hash.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-ctx.Done():
		return nil, problem.New(problem.Unavailable, "login_busy", "Too many people are signing in at once.").
			On(problem.Tandem, "Try again in a moment.").After(hashWait).Because(ctx.Err())
	}
}

func derive(password string, salt []byte, rounds, memory uint32, threads uint8) []byte {
	return argon2.IDKey([]byte(normalize(password)), salt, rounds, memory, threads, hashSize)
}

// encode writes salt and hash in the PHC string format, with the costs in front.
func (h *hasher) encode(salt, hash []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.memory, argonTime, argonThreads, b64(salt), b64(hash))
}

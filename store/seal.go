package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tandem/problem"
)

// keySize is that of AES-256.
const keySize = 32

// KeyRing seals and opens the secrets in the database with AES-256-GCM. The
// first key seals; the others still open what they sealed.
type KeyRing struct {
	keys []sealKey
}

type sealKey struct {
	id     string // begins each sealed text, so that the right key is found
	aead   cipher.AEAD
	secret []byte
}

// NewKeyRing makes a ring of 32-byte keys, the current one first.
func NewKeyRing(keys ...[]byte) (*KeyRing, error) {
	if len(keys) == 0 {
		return nil, errors.New("a key ring needs a key")
	}
	ring := &KeyRing{}
	for i, key := range keys {
		if len(key) != keySize {
			return nil, fmt.Errorf("key %d has %d bytes instead of %d", i+1, len(key), keySize)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(key)
		ring.keys = append(ring.keys, sealKey{hex.EncodeToString(sum[:4]), aead, slices.Clone(key)})
	}
	return ring, nil
}

// Derive returns a key for another purpose that is the same on every node with
// the same key file (RFC 5869), and tells nothing of the keys in the ring.
func (r *KeyRing) Derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, r.keys[0].secret, nil, purpose, keySize)
	if err != nil {
		panic(err) // only a length that HKDF cannot make
	}
	return key
}

// LoadOrCreateKey reads the key file: one key a line, base64, the current one
// first. A file that does not exist is made with a new key, readable for its
// owner only.
func LoadOrCreateKey(path string) (*KeyRing, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		text, err = createKeyFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	ring, err := parseKeys(string(text))
	if err != nil {
		return nil, problem.New(problem.Invalid, "key_file", "The key file %s holds no usable keys: %v.", path, err).
			On(problem.Admin, "Restore the key file from your backup. Do not make a new one: it would not open what the old one sealed.")
	}
	return ring, nil
}

func createKeyFile(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	text := newKeyLine()
	return text, writeKeyFile(path, text)
}

func newKeyLine() []byte {
	key := make([]byte, keySize)
	rand.Read(key) // crypto/rand: never returns an error
	return []byte(base64.StdEncoding.EncodeToString(key) + "\n")
}

// writeKeyFile replaces the file at once, so that no crash leaves half a key.
func writeKeyFile(path string, text []byte) error {
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*") // 0600
	if err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	defer os.Remove(part.Name())
	_, err = part.Write(text)
	if err := errors.Join(err, part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a renamed file's name durable. A key that seals secrets in
// the database must not be lost with the power.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync the folder of the key file: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("sync the folder of the key file: %w", err)
	}
	return nil
}

func parseKeys(text string) (*KeyRing, error) {
	var keys [][]byte
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, errors.New("a line is not base64")
		}
		keys = append(keys, key)
	}
	return NewKeyRing(keys...)
}

// errNoKeys says that the database was opened without a key ring.
var errNoKeys = errors.New("no key for secrets was given")

// place is where a secret lies: what was sealed for one place does not open in another.
type place struct {
	table, column string
	id            any
}

func (p place) data() []byte { return fmt.Appendf(nil, "%s:%s:%v", p.table, p.column, p.id) }

// seal encrypts a secret for one place; an empty secret stays empty. The text
// reads "v1.<key id>.<base64 of nonce and ciphertext>".
func (r *KeyRing) seal(secret string, at place) (string, error) {
	if secret == "" {
		return "", nil
	}
	if r == nil {
		return "", errNoKeys
	}
	key := r.keys[0]
	sealed := key.aead.Seal(nil, nil, []byte(secret), at.data())
	return "v1." + key.id + "." + base64.RawStdEncoding.EncodeToString(sealed), nil
}

// open decrypts what seal made for the same place.
func (r *KeyRing) open(text string, at place) (string, error) {
	if text == "" {
		return "", nil
	}
	if r == nil {
		return "", errNoKeys
	}
	id, body := splitSealed(text)
	i := slices.IndexFunc(r.keys, func(k sealKey) bool { return k.id == id })
	if i < 0 {
		return "", fmt.Errorf("open %s: key %q is not in the key ring", at.data(), id)
	}
	sealed, err := base64.RawStdEncoding.DecodeString(body)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", at.data(), err)
	}
	secret, err := r.keys[i].aead.Open(nil, nil, sealed, at.data())
	if err != nil {
		return "", fmt.Errorf("open %s: %w", at.data(), err)
	}
	return string(secret), nil
}

func splitSealed(text string) (keyID, body string) {
	_, rest, _ := strings.Cut(text, ".")
	keyID, body, _ = strings.Cut(rest, ".")
	return keyID, body
}

// sealedColumns are the columns marked "sealed" in the migrations.
var sealedColumns = []struct{ table, column, key string }{
	{"connection", "refresh_token", "id"},
	{"connection", "subscription_secret", "id"},
	{"tenant_credential", "secret", "id"},
	{"sign_in", "data", "state"},
	{"file_link", "secret", "hash"},
}

// sealedText is one sealed secret with the row it stands in.
type sealedText struct{ key, text string }

func (tx *Tx) sealedTexts(ctx context.Context, table, column, key string) ([]sealedText, error) {
	query := fmt.Sprintf("SELECT CAST(%s AS TEXT), %s FROM %s WHERE %s <> ''", key, column, table, column)
	rows, err := tx.bun.Tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []sealedText
	for rows.Next() {
		var s sealedText
		if err := rows.Scan(&s.key, &s.text); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// checkKeys refuses a database whose secrets could not be read: better at the
// start than at the first mail. Without a ring nothing is checked.
func (db *DB) checkKeys(ctx context.Context) error {
	if db.opts.Keys == nil {
		return nil
	}
	return db.View(ctx, func(tx *Tx) error {
		for _, c := range sealedColumns {
			all, err := tx.sealedTexts(ctx, c.table, c.column, c.key)
			if err != nil {
				return fmt.Errorf("check the keys of %s.%s: %w", c.table, c.column, err)
			}
			for _, s := range all {
				if _, err := db.opts.Keys.open(s.text, place{c.table, c.column, s.key}); err != nil {
					return problem.New(problem.Invalid, "key_wrong", "The key file does not open the secrets in the database.").
						On(problem.Admin, "Restore the key file that belongs to this database from your backup.").Because(err)
				}
			}
		}
		return nil
	})
}

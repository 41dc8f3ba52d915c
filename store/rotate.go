package store

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// A key is replaced in three steps, each of which may be the last before a
// crash. AddKey puts a new key before the old ones in the key file: everything
// still opens. Reseal moves every secret to it in one transaction: everything
// opens with either key in the file. DropOldKeys, if somebody wants that, leaves
// only the new one.

// AddKey puts a new key before the others in the key file; Reseal then moves
// every secret to it, and the old lines may go.
func AddKey(path string) (*KeyRing, error) {
	old, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if err := writeKeyFile(path, append(newKeyLine(), old...)); err != nil {
		return nil, err
	}
	return LoadOrCreateKey(path)
}

// DropOldKeys leaves only the current key in the key file. Whatever is sealed
// with another one, such as a backup, needs a copy of the file as it was.
func DropOldKeys(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the key file: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return writeKeyFile(path, []byte(line+"\n"))
		}
	}
	return fmt.Errorf("the key file %s holds no key", path)
}

// SealedWithOldKeys counts the secrets that are sealed with another key than the current one.
func (db *DB) SealedWithOldKeys(ctx context.Context) (n int, err error) {
	err = db.View(ctx, func(tx *Tx) error {
		n = 0
		for _, c := range sealedColumns {
			all, err := tx.sealedTexts(ctx, c.table, c.column, c.key)
			if err != nil {
				return fmt.Errorf("look for old keys in %s.%s: %w", c.table, c.column, err)
			}
			for _, s := range all {
				if id, _ := splitSealed(s.text); id != db.opts.Keys.keys[0].id {
					n++
				}
			}
		}
		return nil
	})
	return n, err
}

// Reseal seals every secret anew with the first key of the ring, and returns
// how many there are. After that the other keys are no longer needed.
func (db *DB) Reseal(ctx context.Context) (int, error) {
	n := 0
	err := db.Update(ctx, func(tx *Tx) error {
		n = 0
		for _, c := range sealedColumns {
			done, err := tx.reseal(ctx, c.table, c.column, c.key)
			if err != nil {
				return fmt.Errorf("seal %s.%s anew: %w", c.table, c.column, err)
			}
			n += done
		}
		return nil
	})
	return n, err
}

func (tx *Tx) reseal(ctx context.Context, table, column, key string) (int, error) {
	all, err := tx.sealedTexts(ctx, table, column, key)
	if err != nil {
		return 0, err
	}
	update := fmt.Sprintf("UPDATE %s SET %s = $1 WHERE CAST(%s AS TEXT) = $2 AND %s = $3", table, column, key, column)
	for _, s := range all {
		at := place{table, column, s.key}
		secret, err := tx.db.opts.Keys.open(s.text, at)
		if err != nil {
			return 0, err
		}
		text, err := tx.db.opts.Keys.seal(secret, at)
		if err != nil {
			return 0, err
		}
		if _, err := tx.exec(ctx, update, text, s.key, s.text); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

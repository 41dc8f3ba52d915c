package store

import (
	"context"
	"fmt"

	"tandem/desk"
)

// SaveScan writes what the scanner said of a file.
func (tx *Tx) SaveScan(ctx context.Context, a desk.Attachment) error {
	_, err := tx.exec(ctx, "UPDATE attachment SET scan = $1, finding = $2, scanned_at = $3 WHERE id = $4", string(a.Scan), a.Finding, millis(a.ScannedAt), a.ID)
	return err
}

// ListUnscanned gives the files that the scanner should look at, oldest first:
// not those that it has said are too large.
func (tx *Tx) ListUnscanned(ctx context.Context, limit int) ([]desk.Attachment, error) {
	q := tx.bun.NewSelect().Where("scan IN ('waiting', 'failed')").Where("finding = ''").Order("id")
	page(q, limit, 0)
	rows, err := many[attachmentRow](ctx, tx, q)
	return convert(rows, (*attachmentRow).attachment), err
}

// CountScans counts the files that wait for the scanner, failed, or are malware.
func (tx *Tx) CountScans(ctx context.Context) (map[desk.ScanState]int, error) {
	counts := make(map[desk.ScanState]int)
	for _, state := range []desk.ScanState{desk.ScanWaiting, desk.ScanFailed, desk.ScanMalware} {
		n, err := count[attachmentRow](ctx, tx, tx.bun.NewSelect().Where("scan = ?", string(state)))
		if err != nil {
			return nil, fmt.Errorf("count files by what the scanner said: %w", err)
		}
		counts[state] = n
	}
	return counts, nil
}

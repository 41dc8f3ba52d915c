package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"tandem/event"
)

// channel is the Postgres channel on which nodes tell each other what happened.
const channel = "tandem_event"

// maxNotification: PostgreSQL, NOTIFY: the payload must be shorter than 8000 bytes.
const maxNotification = 7900

// announce sends the events of a transaction to all nodes, this one included.
// Postgres delivers them when, and only when, the transaction commits.
func (e *pgEngine) announce(ctx context.Context, tx *Tx) error {
	payloads, err := notifications(tx.events)
	if err != nil {
		return err
	}
	for _, payload := range payloads {
		if _, err := tx.exec(ctx, "SELECT pg_notify('"+channel+"', $1)", payload); err != nil {
			return fmt.Errorf("announce events: %w", err)
		}
	}
	return nil
}

// notifications packs events, in their order, into as few payloads as they fit in.
func notifications(events []event.Event) ([]string, error) {
	var payloads []string
	batch := []byte{'['}
	for _, e := range events {
		body, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("encode event: %w", err)
		}
		if len(batch)+len(body)+2 > maxNotification {
			payloads = append(payloads, string(append(batch, ']')))
			batch = []byte{'['}
		}
		if len(batch) > 1 {
			batch = append(batch, ',')
		}
		batch = append(batch, body...)
	}
	return append(payloads, string(append(batch, ']'))), nil
}

// listener owns one goroutine and one connection, on which it waits for what
// other nodes, and this one, announce.
type listener struct {
	config *pgx.ConnConfig
	bus    Publisher
	log    *slog.Logger
	cancel context.CancelFunc
	done   chan struct{}
}

// reconnectPause lies between two attempts to reach the database again.
const reconnectPause = time.Second

// listen returns once the first connection listens, so that nothing is missed from then on.
func listen(ctx context.Context, config *pgx.ConnConfig, bus Publisher, log *slog.Logger) (*listener, error) {
	l := &listener{config: config, bus: bus, log: log, done: make(chan struct{})}
	conn, err := l.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("listen to other nodes: %w", err)
	}
	var running context.Context
	running, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go l.run(running, conn)
	return l, nil
}

func (l *listener) stop() {
	l.cancel()
	<-l.done
}

func (l *listener) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// run hands on notifications until it is stopped. What is announced while the
// connection is lost is not heard; subscribers are told, and read what they show again.
func (l *listener) run(ctx context.Context, conn *pgx.Conn) {
	defer close(l.done)
	for {
		err := l.receive(ctx, conn)
		conn.Close(context.WithoutCancel(ctx))
		if ctx.Err() != nil {
			return
		}
		l.log.Warn("connection for events lost", "err", err)
		if conn = l.reconnect(ctx); conn == nil {
			return
		}
		l.log.Info("connection for events restored")
		l.bus.Lose() // what was announced meanwhile
	}
}

func (l *listener) receive(ctx context.Context, conn *pgx.Conn) error {
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		var events []event.Event
		if err := json.Unmarshal([]byte(n.Payload), &events); err != nil {
			l.log.Warn("unknown notification", "err", err)
			continue
		}
		l.bus.Publish(events...)
	}
}

// reconnect returns nil when it is stopped.
func (l *listener) reconnect(ctx context.Context) *pgx.Conn {
	ticker := time.NewTicker(reconnectPause)
	defer ticker.Stop()
	for {
		conn, err := l.connect(ctx)
		if err == nil {
			return conn
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/email"
	"tandem/tenant"
)

func (s *server) connectionRoutes() {
	const tag = "connections"
	route(s, op{on: "POST /connections", id: "start_connection", says: "Connect a mailbox: by a sign-in, and answers with the page at Microsoft to go to; or by application permission, at once", tag: tag, may: admins, status: http.StatusCreated}, s.startConnection)
	route(s, op{on: "GET /connections", id: "list_connections", says: "List connections", tag: tag, may: admins}, s.listConnections)
	route(s, op{on: "GET /connections/{id}", id: "show_connection", says: "Show a connection", tag: tag, may: admins}, s.showConnection)
	route(s, op{on: "POST /connections/{id}/disconnect", id: "disconnect", says: "Stop reading and sending", tag: tag, may: admins}, s.disconnect)
	route(s, op{on: "POST /connections/{id}/reconnect", id: "reconnect", says: "Connect again, by the same way or another: as starting a connection does", tag: tag, may: admins, status: http.StatusCreated}, s.reconnect)
	route(s, op{on: "POST /connections/{id}/sync", id: "sync_connection", says: "Read the mailbox now", tag: tag, may: admins, status: http.StatusAccepted}, s.syncConnection)
	route(s, op{on: "POST /connections/{id}/reconcile", id: "reconcile_connection", says: "Compare mailbox and ledger now", tag: tag, may: admins, status: http.StatusAccepted}, s.reconcileConnection)
	route(s, op{on: "POST /connections/{id}/import", id: "start_import", says: "Make tickets from the latest mails", tag: tag, may: admins, status: http.StatusCreated}, s.startImport)
	route(s, op{on: "POST /connections/{id}/import/cancel", id: "cancel_import", says: "Stop an import", tag: tag, may: admins}, s.cancelImport)
	route(s, op{on: "GET /connections/{id}/activity", id: "show_activity", says: "Mails of the last 24 hours, by hour", tag: tag, may: admins}, s.showActivity)
	route(s, op{on: "GET /connection_requests/{state}", id: "show_connection_request", says: "How far the wizard has come", tag: tag, may: admins}, s.showConnectionRequest)
	route(s, op{on: "POST /connection_requests/{state}/confirm", id: "confirm_connection_request", says: "Connect the mailbox that was signed in to instead of the intended one", tag: tag, may: admins}, s.confirmConnectionRequest)
}

// Trouble is what went wrong with a connection or mail.
type Trouble struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Side    string            `json:"side" enum:"yours,admin,microsoft,tandem"`
	Remedy  string            `json:"remedy"`
	Args    map[string]string `json:"args,omitempty"`
	At      stamp             `json:"at"`
}

func encodeTrouble(code, message, whose, remedy string, at time.Time) maybe[Trouble] {
	if code == "" {
		return maybe[Trouble]{}
	}
	return maybe[Trouble]{&Trouble{Code: code, Message: message, Side: side(whose), Remedy: remedy, At: stamp(at)}}
}

// Connection is a connection as the API shows it.
type Connection struct {
	ID                    int64          `json:"id"`
	Kind                  string         `json:"kind" enum:"exchange,exchange_app,forwarding"`
	Email                 string         `json:"email"`
	Status                string         `json:"status" enum:"verified,importing,waiting,error,authorizing,disconnected"`
	Mode                  string         `json:"mode" enum:"push,poll,smtp"`
	ModeReason            string         `json:"mode_reason" enum:"notified,late,refused,unsubscribed,forwarded"`
	PushError             *string        `json:"push_error" doc:"Why notifications do not work"`
	PushLateAt            stamp          `json:"push_late_at" doc:"When mail was last found that no notification had told of in time"`
	Error                 maybe[Trouble] `json:"error"`
	WaitingUntil          stamp          `json:"waiting_until" doc:"Microsoft asked us to wait until then"`
	LastMailAt            stamp          `json:"last_mail_at"`
	SyncedAt              stamp          `json:"synced_at"`
	NextSyncAt            stamp          `json:"next_sync_at"`
	ReconciledAt          stamp          `json:"reconciled_at"`
	ReconcileFound        int            `json:"reconcile_found" doc:"Mails that the last comparison found missing"`
	SubscriptionExpiresAt stamp          `json:"subscription_expires_at"`
	NotifiedAt            stamp          `json:"notified_at"`
	Scopes                []string       `json:"scopes"`
	TokenAt               stamp          `json:"token_at"`
	MicrosoftTenantID     string         `json:"microsoft_tenant_id"`
	TenantID              int64          `json:"tenant_id" doc:"Microsoft tenant whose app registration is used; 0: none"`
	ReadingShown
	Import    maybe[Import] `json:"import"`
	Figures   Figures       `json:"figures"`
	AddressID int64         `json:"address_id"`
	CreatedAt instant       `json:"created_at"`
}

// Figures are numbers on one connection.
type Figures struct {
	Backlog          int   `json:"backlog" doc:"Noticed, not decided"`
	Unfiled          int   `json:"unfiled" doc:"Decided, not filed at Microsoft"`
	Quarantined      int   `json:"quarantined"`
	Suspended        int   `json:"suspended" doc:"Waits for a person to decide"`
	Waiting          int   `json:"waiting" doc:"Replies not sent yet"`
	Failed           int   `json:"failed" doc:"Replies that could not be sent"`
	Received24h      int   `json:"received_24h"`
	Sent24h          int   `json:"sent_24h"`
	LagMedianMS      int64 `json:"lag_median_ms" doc:"Received at Microsoft to decided here"`
	LagP99MS         int64 `json:"lag_p99_ms"`
	RequestsLastHour int   `json:"requests_last_hour" doc:"Asked of Microsoft"`
}

// Import is an import as the API shows it.
type Import struct {
	ID         int64   `json:"id"`
	State      string  `json:"state" enum:"running,completed,cancelled,failed"`
	Total      int     `json:"total"`
	Done       int     `json:"done"`
	Error      *string `json:"error"`
	CreatedAt  instant `json:"created_at"`
	FinishedAt stamp   `json:"finished_at"`
}

func encodeImport(i *email.Import) Import {
	return Import{
		ID: int64(i.ID), State: string(i.State), Total: i.Total, Done: i.Done, Error: orNull(i.Error),
		CreatedAt: instant(i.CreatedAt), FinishedAt: stamp(i.FinishedAt),
	}
}

func encodeConnection(c *email.Connection, imp *email.Import, now time.Time) Connection {
	out := Connection{
		ID: int64(c.ID), Kind: string(c.Kind), Email: c.Email, Status: string(c.Status(imp, now)), Mode: string(c.Mode(now)),
		ModeReason: string(c.ModeReason(now)), PushLateAt: stamp(c.PushLateAt), ReadingShown: encodeReading(c),
		PushError: orNull(c.PushError), Error: encodeTrouble(c.ErrorCode, c.Error, c.ErrorSide, c.ErrorRemedy, c.ErrorAt),
		WaitingUntil: stamp(c.WaitingUntil), LastMailAt: stamp(c.LastMailAt), SyncedAt: stamp(c.SyncedAt), NextSyncAt: stamp(c.NextSyncAt),
		ReconciledAt: stamp(c.ReconciledAt), ReconcileFound: c.ReconcileFound,
		SubscriptionExpiresAt: stamp(c.SubscriptionExpiresAt), NotifiedAt: stamp(c.NotifiedAt),
		Scopes: some(c.Scopes), TokenAt: stamp(c.TokenAt), MicrosoftTenantID: c.TenantID, TenantID: int64(c.Tenant), CreatedAt: instant(c.CreatedAt),
	}
	if imp != nil {
		shown := encodeImport(imp)
		out.Import.value = &shown
	}
	return out
}

// describeConnection shows a connection with its import and figures.
func (s *server) describeConnection(ctx context.Context, by access.Actor, c *email.Connection, address email.AddressID) (Connection, error) {
	imp, err := s.connections.LatestImport(ctx, by, c.ID)
	if err != nil {
		return Connection{}, err
	}
	figures, requests, err := s.connections.Figures(ctx, by, c.ID)
	if err != nil {
		return Connection{}, err
	}
	shown := encodeConnection(c, imp, s.now())
	shown.Figures, shown.AddressID = encodeFigures(figures, requests), int64(address)
	return shown, s.describeArrival(ctx, by, c, &shown)
}

// describeConnections shows the connections of all addresses.
func (s *server) describeConnections(ctx context.Context, by access.Actor) ([]Connection, error) {
	connections, err := s.connections.List(ctx, by)
	if err != nil {
		return nil, err
	}
	addresses, err := s.addressIDs(ctx, by)
	if err != nil {
		return nil, err
	}
	list := make([]Connection, 0, len(connections))
	for _, c := range connections {
		shown, err := s.describeConnection(ctx, by, c, addresses[c.ID])
		if err != nil {
			return nil, err
		}
		list = append(list, shown)
	}
	return list, nil
}

// addressIDs tells which address belongs to each connection.
func (s *server) addressIDs(ctx context.Context, by access.Actor) (map[email.ConnectionID]email.AddressID, error) {
	addresses, err := s.connections.Addresses(ctx, by)
	ids := make(map[email.ConnectionID]email.AddressID)
	for _, a := range addresses {
		ids[a.ConnectionID] = a.ID
		if a.NextConnectionID != 0 {
			ids[a.NextConnectionID] = a.ID
		}
	}
	return ids, err
}

func encodeFigures(f email.Figures, requests int) Figures {
	return Figures{
		Backlog: f.Backlog, Unfiled: f.Unfiled, Quarantined: f.Quarantined, Waiting: f.Waiting, Failed: f.Failed, Suspended: f.Suspended,
		Received24h: f.Received, Sent24h: f.Sent, LagMedianMS: f.LagMedian.Milliseconds(), LagP99MS: f.LagP99.Milliseconds(),
		RequestsLastHour: requests,
	}
}

type connectionsOut struct {
	Body struct {
		Connections []Connection `json:"connections"`
	}
}

func (s *server) listConnections(ctx context.Context, by access.Actor, _ *none) (*connectionsOut, error) {
	out := new(connectionsOut)
	var err error
	out.Body.Connections, err = s.describeConnections(ctx, by)
	return out, err
}

type connectionIn struct {
	ID int64 `path:"id"`
}

func (in connectionIn) id() email.ConnectionID { return email.ConnectionID(in.ID) }

type connectionOut struct {
	Body struct {
		Connection Connection `json:"connection"`
	}
}

func (s *server) showConnection(ctx context.Context, by access.Actor, in *connectionIn) (*connectionOut, error) {
	c, err := s.connections.Get(ctx, by, in.id())
	if err != nil {
		return nil, err
	}
	addresses, err := s.addressIDs(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(connectionOut)
	out.Body.Connection, err = s.describeConnection(ctx, by, c, addresses[c.ID])
	return out, err
}

func (s *server) disconnect(ctx context.Context, by access.Actor, in *connectionIn) (*connectionOut, error) {
	if err := s.connections.Disconnect(ctx, by, in.id()); err != nil {
		return nil, err
	}
	return s.showConnection(ctx, by, in)
}

func (s *server) syncConnection(ctx context.Context, by access.Actor, in *connectionIn) (*connectionOut, error) {
	if err := s.connections.SyncNow(ctx, by, in.id()); err != nil {
		return nil, err
	}
	return s.showConnection(ctx, by, in)
}

func (s *server) reconcileConnection(ctx context.Context, by access.Actor, in *connectionIn) (*connectionOut, error) {
	if err := s.connections.Reconcile(ctx, by, in.id()); err != nil {
		return nil, err
	}
	return s.showConnection(ctx, by, in)
}

type importOut struct {
	Body struct {
		Import Import `json:"import"`
	}
}

func shownImport(i *email.Import, err error) (*importOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(importOut)
	out.Body.Import = encodeImport(i)
	return out, nil
}

func (s *server) startImport(ctx context.Context, by access.Actor, in *connectionIn) (*importOut, error) {
	return shownImport(s.connections.StartImport(ctx, by, in.id()))
}

func (s *server) cancelImport(ctx context.Context, by access.Actor, in *connectionIn) (*importOut, error) {
	return shownImport(s.connections.CancelImport(ctx, by, in.id()))
}

// ActivityHour is one hour of a connection's mail.
type ActivityHour struct {
	At          instant `json:"at" doc:"Beginning of the hour"`
	Received    int     `json:"received"`
	Sent        int     `json:"sent"`
	LagMedianMS int64   `json:"lag_median_ms"`
}

type activityOut struct {
	Body struct {
		Activity []ActivityHour `json:"activity"`
	}
}

func (s *server) showActivity(ctx context.Context, by access.Actor, in *connectionIn) (*activityOut, error) {
	out := new(activityOut)
	var err error
	out.Body.Activity, err = s.activity(ctx, by, in.id())
	return out, err
}

func (s *server) activity(ctx context.Context, by access.Actor, id email.ConnectionID) ([]ActivityHour, error) {
	from, hours, err := s.connections.Activity(ctx, by, id)
	list := make([]ActivityHour, 0, len(hours))
	for i, h := range hours {
		list = append(list, ActivityHour{
			At: instant(from.Add(time.Duration(i) * time.Hour)), Received: h.Received, Sent: h.Sent, LagMedianMS: h.LagMedian.Milliseconds(),
		})
	}
	return list, err
}

type startConnectionIn struct {
	Body struct {
		Kind    string `json:"kind,omitempty" enum:"exchange,exchange_app" doc:"By a sign-in, or by application permission"`
		BrandID int64  `json:"brand_id,omitempty" doc:"Brand of the new address; absent: the default"`
		Email   string `json:"email,omitempty" maxLength:"254" doc:"Mailbox that is meant; by a sign-in, absent: whichever signs in"`
		Import  bool   `json:"import,omitempty" doc:"Make tickets from the latest mails"`
		Tenant  int64  `json:"microsoft_tenant_id,omitempty" doc:"Microsoft tenant whose app registration is used; absent: the only one"`
		ReadingBody
	}
}

// SignInStarted is where the browser goes to sign in.
type SignInStarted struct {
	State        string `json:"state"`
	AuthorizeURL string `json:"authorize_url"`
}

// startedOut is a sign-in that has begun, or a connection that is made.
type startedOut struct {
	Body struct {
		Request    *SignInStarted `json:"connection_request,omitempty" doc:"By a sign-in"`
		Connection *Connection    `json:"connection,omitempty" doc:"By application permission"`
	}
}

func signInStarted(r *email.Request, address string, err error) (*startedOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(startedOut)
	out.Body.Request = &SignInStarted{State: r.State, AuthorizeURL: address}
	return out, nil
}

// started shows a connection that is made.
func (s *server) started(ctx context.Context, by access.Actor, id email.ConnectionID) (*startedOut, error) {
	shown, err := s.showConnection(ctx, by, &connectionIn{int64(id)})
	if err != nil {
		return nil, err
	}
	out := new(startedOut)
	out.Body.Connection = &shown.Body.Connection
	return out, nil
}

func (s *server) startConnection(ctx context.Context, by access.Actor, in *startConnectionIn) (*startedOut, error) {
	b := in.Body
	if email.ConnectionKind(b.Kind) != email.ExchangeApp {
		return signInStarted(s.connections.Start(ctx, by, email.NewAddress{
			Brand: directory.BrandID(b.BrandID), Tenant: tenant.ID(b.Tenant), Intended: b.Email, Import: b.Import,
		}))
	}
	a, err := s.connections.ConnectApplication(ctx, by, email.Application{
		Tenant: tenant.ID(b.Tenant), Email: b.Email, BrandID: directory.BrandID(b.BrandID), Import: b.Import,
		Reading: b.ReadingBody.over(email.Reading{Afterwards: email.MoveAfterwards}),
	})
	if err != nil {
		return nil, err
	}
	return s.started(ctx, by, a.ConnectionID)
}

type reconnectIn struct {
	ID   int64 `path:"id"`
	Body *struct {
		Kind   string `json:"kind,omitempty" enum:"exchange,exchange_app" doc:"How the mailbox is opened from now on; absent: as before"`
		Tenant int64  `json:"microsoft_tenant_id,omitempty" doc:"Whose app registration; absent: as before"`
	}
}

func (s *server) reconnect(ctx context.Context, by access.Actor, in *reconnectIn) (*startedOut, error) {
	c, err := s.connections.Get(ctx, by, email.ConnectionID(in.ID))
	if err != nil {
		return nil, err
	}
	kind, registration := c.Kind, c.Tenant
	if in.Body != nil {
		kind = cmp.Or(email.ConnectionKind(in.Body.Kind), kind)
		registration = cmp.Or(tenant.ID(in.Body.Tenant), registration)
	}
	if kind != email.ExchangeApp {
		return signInStarted(s.connections.Reconnect(ctx, by, c.ID))
	}
	if _, err := s.connections.UseApplication(ctx, by, c.ID, registration); err != nil {
		return nil, err
	}
	return s.started(ctx, by, c.ID)
}

type connectionRequestIn struct {
	State string `path:"state"`
}

// ConnectionRequest is how far the wizard has come.
type ConnectionRequest struct {
	State     string         `json:"state"`
	Outcome   string         `json:"outcome" enum:"pending,connected,other_account,failed"`
	AddressID *int64         `json:"address_id"`
	Intended  string         `json:"intended" doc:"Mailbox that was meant; empty: any"`
	Actual    string         `json:"actual" doc:"Mailbox that was signed in to instead"`
	Error     maybe[Trouble] `json:"error"`
	BrandID   int64          `json:"brand_id"`
	Import    bool           `json:"import"`
}

type connectionRequestOut struct {
	Body struct {
		Request ConnectionRequest `json:"connection_request"`
	}
}

func shownRequest(r *email.Request, err error) (*connectionRequestOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(connectionRequestOut)
	out.Body.Request = ConnectionRequest{
		State: r.State, Outcome: string(r.Outcome), AddressID: orNull(int64(r.AddressID)), Intended: r.Intended,
		Actual: r.Actual(), BrandID: int64(r.BrandID), Import: r.Import,
	}
	if p := r.Problem; p != nil {
		out.Body.Request.Error = encodeTrouble(p.Code, p.Message, p.Side, p.Remedy, time.Time{})
		out.Body.Request.Error.value.Args = p.Args
	}
	return out, nil
}

func (s *server) showConnectionRequest(ctx context.Context, by access.Actor, in *connectionRequestIn) (*connectionRequestOut, error) {
	return shownRequest(s.connections.Request(ctx, by, in.State))
}

type confirmRequestIn struct {
	State string `path:"state"`
	Body  struct {
		UseActual bool `json:"use_actual" doc:"Connect the mailbox that was signed in to; false gives up"`
	}
}

func (s *server) confirmConnectionRequest(ctx context.Context, by access.Actor, in *confirmRequestIn) (*connectionRequestOut, error) {
	return shownRequest(s.connections.Confirm(ctx, by, in.State, in.Body.UseActual))
}

package api

import (
	"context"
	"net/http"

	"tandem/access"
	"tandem/directory"
	"tandem/email"
)

func (s *server) addressRoutes() {
	const tag = "recipient addresses"
	route(s, op{on: "GET /recipient_addresses", id: "list_addresses", says: "List support addresses", tag: tag, may: agents}, s.listAddresses)
	route(s, op{on: "GET /recipient_addresses/{id}", id: "show_address", says: "Show a support address", tag: tag, may: agents}, s.showAddress)
	route(s, op{on: "POST /recipient_addresses", id: "create_address", says: "Add an address: with a connection one under which mail only leaves, else one whose mail is forwarded to Tandem", tag: tag, may: admins, status: http.StatusCreated}, s.createAddress)
	route(s, op{on: "PUT /recipient_addresses/{id}", id: "update_address", says: "Change a support address", tag: tag, may: admins}, s.updateAddress)
	route(s, op{on: "DELETE /recipient_addresses/{id}", id: "delete_address", says: "Disconnect and remove a support address", tag: tag, may: admins}, s.deleteAddress)
	route(s, op{on: "GET /destination_policy", id: "show_destination_policy", says: "Which of several addresses takes a mail to all of them", tag: tag, may: agents}, s.showDestinationPolicy)
	route(s, op{on: "PUT /destination_policy", id: "update_destination_policy", says: "Choose which of several addresses takes a mail to all of them", tag: tag, may: admins}, s.updateDestinationPolicy)
	route(s, op{on: "POST /destination_policy/preview", id: "preview_destinations", says: "Where a mail with these recipients would go", tag: tag, may: admins}, s.previewDestinations)
}

// Address is a support address as the API shows it.
type Address struct {
	ID                 int64             `json:"id"`
	URL                string            `json:"url"`
	Email              string            `json:"email"`
	Name               string            `json:"name" doc:"Sender's name of replies; empty: the brand's"`
	BrandID            int64             `json:"brand_id"`
	Default            bool              `json:"default"`
	ConnectionID       int64             `json:"connection_id"`
	PlusAddressing     bool              `json:"plus_addressing"`
	Outbound           bool              `json:"outbound" doc:"Mail only leaves under it"`
	Destination        string            `json:"destination" enum:",every,first,priority" doc:"For mail to several addresses; empty: the organisation's policy"`
	Priority           int               `json:"priority" doc:"Among addresses; higher goes first"`
	Aliases            []string          `json:"aliases" doc:"Further addresses of the mailbox, as Microsoft knows them"`
	Connection         maybe[Connection] `json:"connection" doc:"For administrators; null for others"`
	Forwarding         maybe[Forwarding] `json:"forwarding" doc:"For administrators, when mail of the address is or was forwarded to Tandem"`
	Change             maybe[Change]     `json:"change" doc:"For administrators, while the address changes its route"`
	ForwardingStatus   string            `json:"forwarding_status" enum:"unknown,waiting,verified,failed"`
	SPFStatus          string            `json:"spf_status"`
	CNAMEStatus        string            `json:"cname_status"`
	DomainVerification string            `json:"domain_verification_status"`
	CreatedAt          instant           `json:"created_at"`
	UpdatedAt          instant           `json:"updated_at"`
}

func encodeAddress(q *request, a *email.SupportAddress) Address {
	// A mailbox at Microsoft is read and sends itself: there is nothing to forward or to verify.
	const verified = "verified"
	return Address{
		ID: int64(a.ID), URL: q.link("/recipient_addresses/%d.json", a.ID), Email: a.Email, Name: a.Name, BrandID: int64(a.BrandID),
		Default: a.Default, ConnectionID: int64(a.ConnectionID), PlusAddressing: a.PlusAddressing, Aliases: some(a.Aliases),
		Outbound: a.Outbound, Destination: string(a.Destination), Priority: a.Priority,
		ForwardingStatus: verified, SPFStatus: verified, CNAMEStatus: verified, DomainVerification: verified,
		CreatedAt: instant(a.CreatedAt), UpdatedAt: instant(a.UpdatedAt),
	}
}

// addressWithConnection shows an address and, to administrators, the mailbox behind it.
func (s *server) addressWithConnection(ctx context.Context, by access.Actor, a *email.SupportAddress) (Address, error) {
	out := encodeAddress(requestOf(ctx), a)
	if by.MustAdminister() != nil || a.Outbound {
		return out, nil
	}
	c, err := s.connections.Get(ctx, by, a.ConnectionID)
	if err != nil {
		return out, err
	}
	shown, err := s.describeConnection(ctx, by, c, a.ID)
	if err != nil {
		return out, err
	}
	out.Connection.value = &shown
	return out, s.describeRoutes(ctx, by, a, &out)
}

type addressesOut struct {
	Body struct {
		Addresses []Address `json:"recipient_addresses"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listAddresses(ctx context.Context, by access.Actor, in *WholeListIn) (*addressesOut, error) {
	addresses, err := s.connections.Addresses(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(addressesOut)
	out.Body.Addresses = []Address{}
	for _, a := range addresses {
		shown, err := s.addressWithConnection(ctx, by, a)
		if err != nil {
			return nil, err
		}
		out.Body.Addresses = append(out.Body.Addresses, shown)
	}
	out.Body.Addresses, err = pageOfWhole(requestOf(ctx), *in, out.Body.Addresses, func(a Address) int64 { return a.ID }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	return out, err
}

type addressIn struct {
	ID int64 `path:"id"`
}

type addressOut struct {
	Body struct {
		Address Address `json:"recipient_address"`
	}
}

func (s *server) shownAddress(ctx context.Context, by access.Actor, a *email.SupportAddress, err error) (*addressOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(addressOut)
	out.Body.Address, err = s.addressWithConnection(ctx, by, a)
	return out, err
}

func (s *server) showAddress(ctx context.Context, by access.Actor, in *addressIn) (*addressOut, error) {
	a, err := s.connections.Address(ctx, by, email.AddressID(in.ID))
	return s.shownAddress(ctx, by, a, err)
}

// AddressChangeBody is what changes at a support address; what is absent stays.
type AddressChangeBody struct {
	Name           *string `json:"name,omitempty" maxLength:"200"`
	BrandID        *int64  `json:"brand_id,omitempty"`
	Default        *bool   `json:"default,omitempty" doc:"true moves the default here"`
	PlusAddressing *bool   `json:"plus_addressing,omitempty"`
	Destination    *string `json:"destination,omitempty" enum:",every,first,priority"`
	Priority       *int    `json:"priority,omitempty" minimum:"-1000" maximum:"1000"`
}

type updateAddressIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Address AddressChangeBody `json:"recipient_address"`
	}
}

func (s *server) updateAddress(ctx context.Context, by access.Actor, in *updateAddressIn) (*addressOut, error) {
	b := in.Body.Address
	a, err := s.connections.ChangeAddress(ctx, by, email.AddressID(in.ID), func(a *email.SupportAddress) {
		set(&a.Name, b.Name)
		set(&a.Default, b.Default)
		set(&a.PlusAddressing, b.PlusAddressing)
		set(&a.Priority, b.Priority)
		if b.Destination != nil {
			a.Destination = email.Destination(*b.Destination)
		}
		if b.BrandID != nil {
			a.BrandID = directory.BrandID(*b.BrandID)
		}
	})
	return s.shownAddress(ctx, by, a, err)
}

func (s *server) deleteAddress(ctx context.Context, by access.Actor, in *addressIn) (*none, error) {
	return nil, s.connections.RemoveAddress(ctx, by, email.AddressID(in.ID))
}

type createAddressIn struct {
	Body struct {
		Address struct {
			Email        string `json:"email" maxLength:"254" doc:"An address, or for an outbound one @domain for any address of a domain"`
			Name         string `json:"name,omitempty" maxLength:"200"`
			BrandID      int64  `json:"brand_id,omitempty"`
			ConnectionID int64  `json:"connection_id,omitempty" doc:"Through which mail of an outbound address leaves; absent: mail of the address is forwarded to Tandem"`
		} `json:"recipient_address"`
	}
}

func (s *server) createAddress(ctx context.Context, by access.Actor, in *createAddressIn) (*addressOut, error) {
	b := in.Body.Address
	if b.ConnectionID == 0 {
		a, err := s.forwarder.Add(ctx, by, email.ForwardedAddress{Email: b.Email, Name: b.Name, BrandID: directory.BrandID(b.BrandID)})
		return s.shownAddress(ctx, by, a, err)
	}
	a, err := s.connections.AddOutbound(ctx, by, email.SupportAddress{
		Email: b.Email, Name: b.Name, BrandID: directory.BrandID(b.BrandID), ConnectionID: email.ConnectionID(b.ConnectionID),
	})
	return s.shownAddress(ctx, by, a, err)
}

// DestinationPolicy is the organisation's policy for mail to several addresses.
type DestinationPolicy struct {
	Policy string `json:"policy" enum:"every,first,priority"`
}

type destinationPolicyBody struct {
	Body struct {
		Policy DestinationPolicy `json:"destination_policy"`
	}
}

func (s *server) showDestinationPolicy(ctx context.Context, by access.Actor, _ *struct{}) (*destinationPolicyBody, error) {
	d, err := s.connections.DestinationPolicy(ctx, by)
	out := new(destinationPolicyBody)
	out.Body.Policy.Policy = string(d)
	return out, err
}

func (s *server) updateDestinationPolicy(ctx context.Context, by access.Actor, in *destinationPolicyBody) (*destinationPolicyBody, error) {
	return in, s.connections.SetDestinationPolicy(ctx, by, email.Destination(in.Body.Policy.Policy))
}

// DestinationPreview is what would become of a mail at one of our addresses.
type DestinationPreview struct {
	Address   string `json:"address"`
	Policy    string `json:"policy" enum:"every,first,priority"`
	Takes     bool   `json:"takes"`
	Connected bool   `json:"connected"`
}

type previewDestinationsIn struct {
	Body struct {
		To []string `json:"to" maxItems:"100"`
		CC []string `json:"cc,omitempty" maxItems:"100"`
	}
}

type previewDestinationsOut struct {
	Body struct {
		Destinations []DestinationPreview `json:"destinations"`
	}
}

func (s *server) previewDestinations(ctx context.Context, by access.Actor, in *previewDestinationsIn) (*previewDestinationsOut, error) {
	routes, err := s.connections.PreviewRoute(ctx, by, in.Body.To, in.Body.CC)
	out := new(previewDestinationsOut)
	out.Body.Destinations = []DestinationPreview{}
	for _, r := range routes {
		out.Body.Destinations = append(out.Body.Destinations, DestinationPreview{r.Address, string(r.Policy), r.Takes, r.Able})
	}
	return out, err
}

package graph_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"tandem/graph"
)

// Follow a mailbox: read what is new, and start over when the link has expired.
func ExampleMailbox_Delta() {
	ctx := context.Background()
	entra := graph.NewEntra(graph.GlobalCloud(), graph.App{Tenant: "contoso.example", ClientID: "client-id", Credentials: []graph.Credential{{Secret: "secret"}}}, nil)
	client, err := graph.New(graph.GlobalCloud(), graph.NewAppOnly(entra), graph.Options{})
	if err != nil {
		log.Fatal(err)
	}
	mailbox := client.Mailbox("support@contoso.example")
	link := "" // the DeltaLink stored last time
	for {
		page, err := mailbox.Delta(ctx, link, graph.DeltaOptions{Folder: graph.Inbox, Select: []string{"id", "internetMessageId"}, PageSize: 100})
		var throttled *graph.ThrottledError
		switch {
		case errors.Is(err, graph.ErrResync):
			link = ""
			continue
		case errors.As(err, &throttled):
			fmt.Println("waiting for Microsoft until", time.Now().Add(throttled.RetryAfter))
			return
		case err != nil:
			log.Fatal(err)
		}
		for _, m := range page.Messages {
			if m.Removed != nil {
				continue
			}
			mail, _, err := mailbox.MIME(ctx, m.ID)
			if err != nil {
				log.Fatal(err)
			}
			_, err = io.Copy(io.Discard, mail)
			mail.Close()
			if err != nil {
				log.Fatal(err) // never a short mail
			}
		}
		if page.DeltaLink != "" {
			return // store it: nothing more for now
		}
		link = page.NextLink
	}
}

// Send a mail so that a crash at any moment can be made good.
func ExampleMailbox_CreateDraft() {
	ctx := context.Background()
	client, err := graph.New(graph.GlobalCloud(), graph.StaticToken("token"), graph.Options{})
	if err != nil {
		log.Fatal(err)
	}
	mailbox := client.Mailbox("me")
	mark := graph.ExtendedProperty{ID: graph.NamedProperty("6c4b0f6e-6b1c-4d0c-9d6f-0d6f2f0e6a11", "OutgoingMail"), Value: "4711"}
	draft, err := mailbox.CreateDraft(ctx, graph.Draft{
		Subject:    "Re: Order 12",
		Body:       graph.Body{Type: "html", Content: "<p>It is on its way.</p>"},
		To:         []graph.Recipient{graph.NewRecipient("Ann", "ann@customer.example")},
		Properties: []graph.ExtendedProperty{mark, graph.InReplyTo("<1@customer.example>"), graph.References("<1@customer.example>")},
	})
	if errors.Is(err, graph.ErrUnknownOutcome) {
		found, err := mailbox.FindByProperty(ctx, graph.Drafts, mark, "id")
		if err != nil || len(found) == 0 {
			log.Fatal("not there: create it again later ", err)
		}
		draft = &found[0]
	} else if err != nil {
		log.Fatal(err)
	}
	// Store draft.ID before sending: the message keeps it in Sent Items.
	if err := mailbox.Send(ctx, draft.ID); err != nil {
		log.Fatal(err)
	}
}

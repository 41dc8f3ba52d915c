// Package api is the HTTP edge: the JSON API at /api/v2, its live events, the
// files and mails that browsers show, and the browser application itself.
//
// Tickets, comments, users, brands, uploads, attachments and recipient
// addresses follow the published Zendesk Support API (developer.zendesk.com):
// its paths with and without ".json", names, envelopes, paging and error body.
// What Zendesk has no API for follows the same conventions beside it.
//
// One request passes through, from the outside in: an id for the log and the
// error body, recovery, deadlines, security headers, compression, protection against
// forged cross-origin requests, and for the API the question who asks
// (a browser's session, "email/token:TOKEN", or a bearer token). Then a route
// decodes, checks the role, makes one call to a service and encodes. There are
// no rules and no SQL here. Services judge the actor once more, all but job,
// which knows no people: its routes are for administrators only.
//
// Each concept has a file of its own with its routes at the top, and then for
// each the request and response types. They make the OpenAPI document, which
// is served at /api/openapi.json and kept in openapi.json for the browser
// application, whose types are generated from it.
//
// Mail from strangers is hostile: attachments and HTML leave under a content
// security policy that allows no script in our origin, and nothing is shown
// inline that a browser could run.
package api

package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tandem/access"
	"tandem/problem"
)

// role is who may use a route.
type role string

const (
	anyone   role = "anyone"   // nobody needs to have signed in
	signedIn role = "signedIn" // whoever has, requesters included
	agents   role = "agents"   // and administrators
	admins   role = "admins"
)

// check judges the actor; it is nobody when known is false.
func (r role) check(actor access.Actor, known bool) error {
	if r == anyone {
		return nil
	}
	if !known {
		return problem.New(problem.Unauthenticated, "sign_in_needed", "Couldn't authenticate you: nobody is signed in.").
			On(problem.Yours, "Sign in, or send an API token.")
	}
	switch r {
	case agents:
		return actor.MustWork()
	case admins:
		return actor.MustAdminister()
	}
	return nil
}

// op describes one route.
type op struct {
	on     string // method and path below /api/v2
	id     string // operationId
	says   string // one line for the document
	tag    string // concept that it belongs to
	may    role
	status int    // of success; 0: 200, or 204 without a body
	media  string // content type of what it streams; empty: JSON
	takes  string // content type of what is streamed to it; empty: JSON or nothing
}

// maxJSON is the most bytes of a request: a comment is at most 1 MiB as text, and more as HTML.
const maxJSON = 4 << 20

// none is the input of routes without parameters, and the output of routes without a body.
type none struct{}

// route adds one route to the API and to its document.
func route[I, O any](s *server, o op, handle func(context.Context, access.Actor, *I) (*O, error)) {
	mustShowParameters(reflect.TypeFor[I]())
	method, path, _ := strings.Cut(o.on, " ")
	operation := huma.Operation{
		Method: method, Path: path, OperationID: o.id, Summary: o.says, Tags: []string{o.tag},
		DefaultStatus: o.status, MaxBodyBytes: maxJSON, BodyReadTimeout: bodyTime,
		Security:    security(o.may),
		Extensions:  map[string]any{"x-may": string(o.may)},
		Responses:   map[string]*huma.Response{"default": s.errorResponse()},
		Middlewares: huma.Middlewares{s.gate(o.may)},
	}
	if method == http.MethodGet {
		operation.Middlewares = append(operation.Middlewares, s.ordered(reflect.TypeFor[I]()))
	}
	if o.media != "" {
		operation.Responses["200"] = &huma.Response{Description: "OK", Content: binary(o.media)}
	}
	if o.takes != "" {
		operation.RequestBody = &huma.RequestBody{Required: true, Content: binary(o.takes)}
	}
	huma.Register(s.api, operation, func(ctx context.Context, in *I) (*O, error) {
		q := requestOf(ctx)
		q.fields = s.fieldsOf(ctx, q.actor, q)
		out, err := handle(ctx, q.actor, in)
		if err := cmp.Or(err, q.failure); err != nil {
			return nil, fail(s.log, requestID(ctx), err)
		}
		return out, nil
	})
}

// mustShowParameters panics when parameters are in a struct that is embedded
// under an unexported name: huma would neither read nor document them.
func mustShowParameters(in reflect.Type) {
	for i := range in.NumField() {
		f := in.Field(i)
		if !f.Anonymous || f.Type.Kind() != reflect.Struct {
			continue
		}
		mustShowParameters(f.Type)
		if !f.IsExported() && hasParameters(f.Type) {
			panic(fmt.Sprintf("%s embeds %s, whose parameters would be overlooked", in, f.Type))
		}
	}
}

func hasParameters(in reflect.Type) bool {
	return slices.ContainsFunc(reflect.VisibleFields(in), func(f reflect.StructField) bool {
		return cmp.Or(f.Tag.Get("path"), f.Tag.Get("query"), f.Tag.Get("header")) != ""
	})
}

// gate judges the actor before anything of the request is read.
func (s *server) gate(may role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		q := requestOf(ctx.Context())
		if err := may.check(q.actor, q.known); err != nil {
			r, w := humago.Unwrap(ctx)
			writeProblem(w, r, s.log, err)
			return
		}
		next(ctx)
	}
}

func binary(media string) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
}

func (s *server) errorResponse() *huma.Response {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ErrorBody](), true, "")
	return &huma.Response{Description: "Error", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}

// security names the ways to prove who asks.
func security(may role) []map[string][]string {
	if may == anyone {
		return []map[string][]string{}
	}
	return []map[string][]string{{"session": {}}, {"token": {}}, {"bearer": {}}}
}

// newDocument begins the OpenAPI document.
func newDocument(version string) huma.Config {
	config := huma.DefaultConfig("Tandem", version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no $schema in answers
	config.Info.Description = "Contact centre for Microsoft 365. Tickets, users, brands, uploads and recipient addresses follow the Zendesk Support API."
	config.Servers = []*huma.Server{{URL: prefix}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "A signed-in browser"},
		"token":   {Type: "http", Scheme: "basic", Description: "email/token as user, the API token as password"},
		"bearer":  {Type: "http", Scheme: "bearer", Description: "An API token"},
	}
	return config
}

// finishDocument puts right what huma's reflection cannot know.
func finishDocument(document *huma.OpenAPI) {
	schemas := document.Components.Schemas.Map()
	delete(schemas, "ErrorModel") // huma's own error bodies are never sent
	delete(schemas, "ErrorDetail")
	for _, s := range schemas {
		relax(s)
	}
	for _, path := range document.Paths {
		for _, o := range []*huma.Operation{path.Get, path.Post, path.Put, path.Delete} {
			if o == nil {
				continue
			}
			for _, p := range o.Parameters {
				relax(p.Schema)
			}
		}
	}
}

// relax lets objects have fields that we do not know, since clients of other
// products send what theirs knows, and says that our lists are never null.
func relax(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Nullable && len(s.Enum) > 0 {
		s.Enum = append(s.Enum, nil) // JSON Schema: null, too, must be among the values
	}
	switch s.Type {
	case huma.TypeArray:
		s.Nullable = false
		relax(s.Items)
	case huma.TypeObject:
		if closed, ok := s.AdditionalProperties.(bool); ok && !closed {
			s.AdditionalProperties = nil
		}
		if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
			relax(values)
		}
		for _, property := range s.Properties {
			relax(property)
		}
	}
}

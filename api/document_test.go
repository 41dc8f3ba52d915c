package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// documentOf gives the OpenAPI document without a running product.
func documentOf(t *testing.T) []byte {
	t.Helper()
	s := newServer(Deps{}, Options{Version: "development"})
	s.routes()
	compact, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := json.Indent(&text, compact, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(text.Bytes(), '\n')
}

func TestKeptDocumentIsUpToDate(t *testing.T) {
	document := documentOf(t)
	if *update {
		if err := os.WriteFile("openapi.json", document, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, document) {
		t.Error("openapi.json no longer describes the API: run go test ./api -run Document -update, and generate the types in web/ again")
	}
}

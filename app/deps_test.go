package app_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImportsPointOneWay keeps the house as docs/architecture.md draws it.
func TestImportsPointOneWay(t *testing.T) {
	concepts := []string{"directory", "access", "desk", "email", "tenant", "bulk", "job", "event", "problem"}
	forbidden := []struct {
		who  []string
		what []string
		why  string
	}{
		{concepts, []string{"store", "api", "graph", "m365", "smtp", "smtp/relay", "blob", "config", "app"}, "a concept imports nothing that explains a technology"},
		{[]string{"problem", "config", "graph", "m365sim", "web", "event", "clamd"}, append(slices.Clone(concepts), "store", "api", "m365", "blob", "app"), "protocols and leaves know nothing of the product"},
		{[]string{"csvfile"}, []string{"directory", "access", "desk", "email", "store", "api", "blob", "app"}, "it reads tables and knows nothing of who stands in them"},
		{[]string{"smtp"}, []string{"store", "api", "blob", "m365", "m365sim", "graph", "app", "config"}, "the door knows the protocol and the mail channel, not where mail is kept"},
		{[]string{"smtp/relay"}, []string{"store", "api", "blob", "app", "config"}, "an adapter stands between a protocol and concepts only"},
		{[]string{"remoteimage"}, []string{"access", "desk", "email", "directory", "job", "event", "store", "api", "m365", "blob", "app"}, "it fetches images and knows nothing of mails"},
		{[]string{"store", "blob", "api"}, []string{"graph", "m365", "m365sim", "app"}, "edges and the store know nothing of Microsoft"},
		{[]string{"store"}, []string{"api", "blob"}, "edges do not import each other"},
		{[]string{"api"}, []string{"store", "blob"}, "edges do not import each other"},
		{[]string{"blob"}, []string{"store", "api"}, "edges do not import each other"},
		{[]string{"m365"}, []string{"store", "api", "blob", "app"}, "an adapter stands between a protocol and concepts only"},
		{[]string{"app"}, []string{"m365sim", "demo", "e2e"}, "what runs in production does not depend on the simulator"},
		{[]string{"bulk"}, []string{"desk", "email", "tenant"}, "bulk work knows no kind of it"},
		{[]string{"directory"}, []string{"access", "desk", "email", "job"}, "the directory explains itself"},
		{[]string{"access"}, []string{"desk", "email"}, "access is a ground concept (decision 0005)"},
		{[]string{"tenant"}, []string{"desk", "email"}, "a Microsoft tenant is understood without mail"},
		{[]string{"desk"}, []string{"email"}, "a ticket is understood without mail"},
	}
	imports := readImports(t)
	for _, f := range forbidden {
		for _, who := range f.who {
			for _, what := range f.what {
				if who != what && slices.Contains(imports[who], "tandem/"+what) {
					t.Errorf("%s imports %s: %s", who, what, f.why)
				}
			}
		}
	}
}

// readImports lists what each of our packages imports, tests left out.
func readImports(t *testing.T) map[string][]string {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "tandem/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	imports := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		imports[strings.TrimPrefix(fields[0], "tandem/")] = fields[1:]
	}
	if len(imports["email"]) == 0 {
		t.Fatal("the imports of email are not known")
	}
	return imports
}

package api

import (
	"fmt"
	"testing"
)

func TestMergeAndSplit(t *testing.T) {
	everywhere(t, func(w *world) {
		agent := w.as(w.agent)
		other := agent.send("POST", "/users", object{"user": object{"name": "Aiko at home", "email": "aiko@home.example"}}).is(201).number("user.id")
		merged := agent.send("PUT", fmt.Sprintf("/users/%d/merge", other), object{"user": object{"id": w.requester.ID}}).is(200)
		if merged.number("user.id") != int(w.requester.ID) {
			w.t.Fatalf("merged into %s", merged.text)
		}
		if old := agent.get("/users/%d.json", other).is(200); old.number("user.id") != int(w.requester.ID) {
			w.t.Errorf("the old id shows %s", old.text)
		}
		identities := agent.get("/users/%d/identities", w.requester.ID).is(200)
		if identities.number("count") != 2 || identities.string("identities.1.value") != "aiko@home.example" {
			w.t.Fatalf("identities %s", identities.text)
		}
		if counted := agent.get("/users/%d/identities/count", w.requester.ID).is(200); counted.number("count.value") != 2 {
			w.t.Errorf("identities count %s", counted.text)
		}
		parted := agent.send("POST", fmt.Sprintf("/users/%d/identities/%d/split", w.requester.ID, identities.number("identities.1.id")), nil).is(200)
		if parted.number("user.id") != other || parted.string("user.email") != "aiko@home.example" {
			w.t.Errorf("split off %s", parted.text)
		}
	})
}

package graph

import "testing"

// A link goes on in the other way of reaching the same mailbox, and nothing else is touched.
func TestDeltaLinkIsAdopted(t *testing.T) {
	c, err := New(GlobalCloud(), StaticToken("token"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	const base = "https://graph.microsoft.com/v1.0"
	for _, test := range []struct {
		user, link, want string
	}{
		{"u1", base + "/me/mailfolders('AQ')/messages/delta?$deltatoken=x", base + "/users/u1/mailfolders('AQ')/messages/delta?$deltatoken=x"},
		{"me", base + "/users('u1')/mailFolders('AQ')/messages/delta?$deltatoken=x", base + "/me/mailFolders('AQ')/messages/delta?$deltatoken=x"},
		{"u1", base + "/users('u1')/mailFolders('AQ')/messages/delta?$deltatoken=x", ""},
		{"me", base + "/me/mailFolders('AQ')/messages/delta?$deltatoken=x", ""},
		{"u1", "https://graph.example/v1.0/me/mailFolders('AQ')/messages/delta", ""},
		{"u1", "", ""},
	} {
		want, changes := test.want, test.want != ""
		if !changes {
			want = test.link
		}
		if got, changed := c.Mailbox(test.user).Adopt(test.link); got != want || changed != changes {
			t.Errorf("for %s, %s becomes %s (%v)", test.user, test.link, got, changed)
		}
	}
}

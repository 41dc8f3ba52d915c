package access

import (
	"context"
	"strings"
	"testing"
	"time"

	"tandem/problem"
)

func TestWeakPasswordsAreRefusedWithTheReason(t *testing.T) {
	for password, code := range map[string]string{
		"":                         "password_too_short",
		"ninechars":                "password_too_short",
		"パスワードは短いよ":                "password_too_short", // nine characters, 27 bytes
		"Password123":              "password_common",
		"ｐａｓｓｗｏｒｄ１２３":              "password_common",
		"zzzzzzzzzzzz":             "password_common",
		"ああああああああああああ":             "password_common",
		"Agent1@Contoso.Example":   "password_is_address",
		"agent1.at.contoso":        "password_is_address",
		strings.Repeat("a b", 400): "password_too_long",
		"tandem-demo":              "",
		"長い合言葉を考えましたよ":             "",
	} {
		email := "agent1@contoso.example"
		if strings.HasPrefix(password, "agent1.at") {
			email = "agent1.at.contoso@example.com"
		}
		got := ""
		if p := problem.As(checkPassword(password, email)); p != nil {
			got = p.Code
			if p.Field != "password" || p.Remedy == "" {
				t.Errorf("%q: %+v lacks field or remedy", password, p)
			}
		}
		if got != code {
			t.Errorf("%q: got %q, want %q", password, got, code)
		}
	}
}

func TestHashesAreSaltedAndCarryTheirCosts(t *testing.T) {
	h := newHasher()
	one, err := h.hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if one == two || !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes %s and %s", one, two)
	}
	// Hashes made with other costs, by an older or newer Tandem, still work.
	const cheap = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$6G6Bag8cdVlCN8BZ68Srt3JhU/4cuDI94n7Gi6oW6Vo"
	for _, hash := range []string{one, two, cheap} {
		if ok, err := h.verify(t.Context(), "correct horse battery", hash); !ok || err != nil {
			t.Errorf("%s: %v, %v", hash, ok, err)
		}
		if ok, err := h.verify(t.Context(), "correct horse batterx", hash); ok || err != nil {
			t.Errorf("%s with another password: %v, %v", hash, ok, err)
		}
	}
	if _, err := h.verify(t.Context(), "x", "$2a$10$nonsense"); err == nil {
		t.Error("an unreadable hash passed as a wrong password")
	}
}

func TestFloodOfSignInsWaitsItsTurn(t *testing.T) {
	h := &hasher{turns: make(chan struct{}, 1)}
	done, err := h.turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	full, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.verify(full, "x", ""); problem.As(err) == nil || problem.As(err).Code != "login_busy" {
		t.Errorf("with no turn left: %v", err)
	}
	done()
	if ok, err := h.verify(t.Context(), "x", ""); ok || err != nil {
		t.Errorf("with a turn: %v, %v", ok, err)
	}
}

func TestNetworksOfOneSubscriberAreOne(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":             "192.0.2.7",
		"::ffff:192.0.2.7":      "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":  "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1":  "2001:db8:1:2::/64",
		"fe80::1%eth0":          "fe80::/64",
		"not an address at all": "not an address at all",
	} {
		if got := network(address); got != want {
			t.Errorf("network(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestFailuresOfLongAgoDoNotCount(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	throttle := Throttle{}
	for range accountFailures * 3 {
		throttle = throttle.failed(now, accountFailures)
		if err := throttle.locked(now); err != nil {
			t.Fatalf("locked by one mistake every two minutes: %v", err)
		}
		now = now.Add(throttleWindow / 7)
	}
}

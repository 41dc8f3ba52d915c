package eml

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAddressList(t *testing.T) {
	tests := []struct {
		name, in string
		want     []Address
	}{
		{"empty", "", nil},
		{"bare", "a@example.com", []Address{{"", "a@example.com"}}},
		{"domain in lower case, user as it is", "<John.Doe@EXAMPLE.com>", []Address{{"", "John.Doe@example.com"}}},
		{"quoted name", `"Doe, \"Jo\" John" <j@x.jp>, b@x.jp`, []Address{{`Doe, "Jo" John`, "j@x.jp"}, {"", "b@x.jp"}}},
		{"bare comma in a name", "Doe, John <j@x.jp>", []Address{{"Doe, John", "j@x.jp"}}},
		{"comma inside an encoded word", "=?utf-8?q?Doe,_John?= <j@x.jp>", []Address{{"Doe, John", "j@x.jp"}}},
		{"encoded word inside quotes", `"=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?=" <y@x.jp>`, []Address{{"山田", "y@x.jp"}}},
		{"semicolons", "a@x.jp; b@x.jp;", []Address{{"", "a@x.jp"}, {"", "b@x.jp"}}},
		{"group", "Team: a@x.jp, B <b@x.jp>; c@x.jp", []Address{{"", "a@x.jp"}, {"B", "b@x.jp"}, {"", "c@x.jp"}}},
		{"empty group", "undisclosed-recipients:;", nil},
		{"comment as a name", "a@x.jp (Ana (Sales))", []Address{{"Ana (Sales)", "a@x.jp"}}},
		{"route", "<@relay.jp,@b.jp:a@x.jp>", []Address{{"", "a@x.jp"}}},
		{"bracket never closes", "Ana <a@x.jp, b@x.jp", []Address{{"Ana", "a@x.jp"}, {"", "b@x.jp"}}},
		{"quote never closes", `"Ana <a@x.jp>`, []Address{{"Ana", "a@x.jp"}}},
		{"no brackets", "Ana Silva a@x.jp", []Address{{"Ana Silva", "a@x.jp"}}},
		{"dots of mobile addresses", "a..b.@docomo.ne.jp", []Address{{"", "a..b.@docomo.ne.jp"}}},
		{"quoted user", `"a b"@x.jp`, []Address{{"", `"a b"@x.jp`}}},
		{"Outlook's quotes", "'a@x.jp' <a@x.jp>", []Address{{"", "a@x.jp"}}},
		{"mailto", "mailto:a@x.jp", []Address{{"", "a@x.jp"}}},
		{"name only", "MAILER-DAEMON", []Address{{"MAILER-DAEMON", ""}}},
		{"null path", "<>", []Address{{"<>", ""}}},
		{"two at signs", "a@b@x.jp", []Address{{"", "a@b@x.jp"}}},
		{"hidden characters", "Pay\u202ePal <a\u200b@x.jp>", []Address{{"PayPal", "a@x.jp"}}},
		{"raw cp932", "\x8eR\x93c <y@x.jp>", []Address{{"山田", "y@x.jp"}}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, ParseAddressList(tt.in)); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", tt.name, tt.in, diff)
		}
	}
}

func TestAddressIsWrittenAsAHeaderNeedsIt(t *testing.T) {
	a := Address{Name: "山田, 花子", Address: "hanako@example.jp"}
	back := ParseAddressList(a.String())
	if len(back) != 1 || back[0] != a {
		t.Errorf("%s reads as %v", a, back)
	}
}

package email

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTakers(t *testing.T) {
	at := func(address string, policy Destination, priority int) destination {
		return destination{address: address, policy: policy, priority: priority}
	}
	gone := func(d destination) destination { d.missing = true; return d }
	for _, test := range []struct {
		name string
		all  []destination
		want []string
	}{
		{"every", []destination{at("a", EveryAddress, 0), at("b", EveryAddress, 0)}, []string{"a", "b"}},
		{"the first", []destination{at("b", FirstAddress, 0), at("a", FirstAddress, 9)}, []string{"b"}},
		{"the highest", []destination{at("a", PriorityAddress, 1), at("b", PriorityAddress, 2)}, []string{"b"}},
		{"equals: the first", []destination{at("a", PriorityAddress, 2), at("b", PriorityAddress, 2)}, []string{"a"}},
		{"the first is away", []destination{gone(at("a", FirstAddress, 0)), at("b", FirstAddress, 0), at("c", FirstAddress, 0)}, []string{"b"}},
		{"the highest is away", []destination{at("a", PriorityAddress, 1), gone(at("b", PriorityAddress, 2))}, []string{"a"}},
		{"one wants all of its mail", []destination{at("a", FirstAddress, 0), at("b", EveryAddress, 0)}, []string{"a", "b"}},
		{"each points at the other", []destination{at("a", PriorityAddress, 0), at("b", FirstAddress, 1)}, []string{"a"}},
		{"all are away", []destination{gone(at("a", EveryAddress, 0))}, nil},
	} {
		if got := takers(test.all); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v take it, want %v", test.name, got, test.want)
		}
	}
}

// Whatever the policies, a mail that can be taken is taken, by somebody who
// can, and by one alone where nobody asked for more.
func TestMailIsNeverLostToAPolicy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []destination
		able, every := 0, 0
		for i := range rapid.IntRange(1, 6).Draw(t, "addresses") {
			d := destination{
				address:  string(rune('a' + i)),
				policy:   rapid.SampledFrom([]Destination{EveryAddress, FirstAddress, PriorityAddress}).Draw(t, "policy"),
				priority: rapid.IntRange(-2, 2).Draw(t, "priority"),
				missing:  rapid.Bool().Draw(t, "missing"),
			}
			all = append(all, d)
			if !d.missing {
				able++
				if d.policy == EveryAddress {
					every++
				}
			}
		}
		chosen := takers(all)
		if able > 0 && len(chosen) == 0 {
			t.Fatalf("nobody takes it: %+v", all)
		}
		if len(chosen) > every+2 { // beside those that take all: the first, and the highest
			t.Fatalf("%v take it, but %d asked for all of their mail", chosen, every)
		}
		for _, d := range all {
			if d.missing && slices.Contains(chosen, d.address) {
				t.Fatalf("%s is to take it, but does not get it", d.address)
			}
			if !d.missing && d.policy == EveryAddress && !slices.Contains(chosen, d.address) {
				t.Fatalf("%s does not take its mail", d.address)
			}
		}
	})
}

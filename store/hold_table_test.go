package store

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestHoldTable: every state can be reached, open ones can be left, and the scripts know every guard.
func TestHoldTable(t *testing.T) {
	lua, err := os.ReadFile("lua/lib_hold.lua")
	if err != nil {
		t.Fatal(err)
	}
	states := []HoldState{
		HoldPlaced, HoldAllocated, HoldInTransit, HoldReady, HoldCollected, HoldCancelled, HoldExpired, HoldUnfilled,
	}
	for _, s := range states {
		into := slices.ContainsFunc(HoldTable(), func(r HoldTransition) bool { return r.To == s && r.From != s })
		out := slices.ContainsFunc(HoldTable(), func(r HoldTransition) bool { return r.From == s })
		if !into || (s.Open() && !out) {
			t.Errorf("%s: can be entered %v, can be left %v", s, into, out)
		}
	}
	for i, r := range HoldTable() {
		if r.From != "" && !slices.Contains(states, r.From) || !slices.Contains(states, r.To) {
			t.Errorf("row %d leads from %q to %q", i, r.From, r.To)
		}
		if r.Notify == nil {
			t.Errorf("row %d has null where a script reads a list", i)
		}
		guard := regexp.MustCompile(`\b(GUARDS\.)?` + string(r.Guard) + ` = function|'was_' \.\. state`)
		if r.Guard != "" && !guard.Match(lua) {
			t.Errorf("row %d: lua/lib_hold.lua does not know the guard %s", i, r.Guard)
		}
		for _, earlier := range HoldTable()[:i] {
			if earlier.From == r.From && earlier.Event == r.Event && (earlier.Guard == "" || earlier.Guard == r.Guard) {
				t.Errorf("row %d is never reached", i)
			}
		}
	}
}

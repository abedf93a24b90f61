package store

import "testing"

func TestDialogueStartsAgainFromBefore(t *testing.T) {
	s, _ := openTest(t)
	ctx, d := t.Context(), s.Dialogues
	for _, step := range []struct {
		update int64
		load   string // what the update sees
		save   string // what it leads to; "" ends the dialogue
	}{
		{1, "", "name"},
		{1, "", "name"}, // killed after the save: worked on again, it starts from the same state
		{2, "name", "organisation"},
		{2, "name", "kind"},
		{3, "kind", ""},
		{3, "kind", ""},
		{4, "", "other"},
	} {
		got, err := d.Load(ctx, 7, step.update)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != step.load {
			t.Errorf("update %d sees %q, want %q", step.update, got, step.load)
		}
		var state []byte
		if step.save != "" {
			state = []byte(step.save)
		}
		if err := d.Save(ctx, 7, step.update, state); err != nil {
			t.Fatal(err)
		}
	}
}

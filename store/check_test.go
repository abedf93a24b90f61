package store

import "testing"

// clean fails the test when an invariant of the state does not hold.
func clean(tb testing.TB, s *Store) {
	tb.Helper()
	problems, err := s.Check(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range problems {
		tb.Errorf("%+v", p)
	}
}

package handlers

import (
	"testing"
	"time"
)

func TestReadWhen(t *testing.T) {
	today := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	const form = "2006-01-02 15:04"
	for typed, want := range map[string][2]string{
		"2026-12-03 14:00–16:00":               {"2026-12-03 14:00", "2026-12-03 16:00"},
		"2026.12.03 14.00-16.30":               {"2026-12-03 14:00", "2026-12-03 16:30"},
		"gruodžio 3 d. 14.30":                  {"2026-12-03 14:30", "2026-12-03 16:30"},
		"2026 m. gruodžio 3 d., nuo 10 iki 12": {"2026-12-03 10:00", "2026-12-03 12:00"},
		"GRUODZIO 3 D. 9.05–9.50":              {"2026-12-03 09:05", "2026-12-03 09:50"},
		"3. decembris plkst. 14.30":            {"2026-12-03 14:30", "2026-12-03 16:30"},
		"2027. gada 5. maijā, 18:00–20:00":     {"2027-05-05 18:00", "2027-05-05 20:00"},
		"3 December 14:30-16":                  {"2026-12-03 14:30", "2026-12-03 16:00"},
		"March 1st, 10:00":                     {"2027-03-01 10:00", "2027-03-01 12:00"},
		"3.12.2026 14:30":                      {"2026-12-03 14:30", "2026-12-03 16:30"},
		"vasario 29 d. 12:00":                  {"2028-02-29 12:00", "2028-02-29 14:00"},
	} {
		start, end, ok := readWhen(typed, today)
		if !ok || start.Format(form) != want[0] || end.Format(form) != want[1] {
			t.Errorf("%q is read as %v–%v, %v; want %v", typed, start, end, ok, want)
		}
	}
	for _, typed := range []string{
		"", "rytoj", "gruodžio 3 d.", "2026-12-03", "2026-13-03 14:00", "balandžio 31 d. 14:00", "2026-12-03 25:00", "2026-12-03 16:00–14:00",
		"2026-12-03 1 2 3", "gruodis 14:30:15:16",
	} {
		if start, end, ok := readWhen(typed, today); ok {
			t.Errorf("%q is read as %v–%v", typed, start, end)
		}
	}
}

func FuzzReadWhen(f *testing.F) {
	for _, seed := range []string{"2026-12-03 14:00–16:00", "gruodžio 3 d. 14.30", "3. decembris", "29.02.2027 1"} {
		f.Add(seed)
	}
	today := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, typed string) {
		if start, end, ok := readWhen(typed, today); ok && !end.After(start) {
			t.Errorf("%q ends before it starts: %v–%v", typed, start, end)
		}
	})
}

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

func TestReadMoment(t *testing.T) {
	vilnius, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 30, 0, 0, vilnius) // a Monday
	const form = "2006-01-02 15:04"
	for typed, want := range map[string]string{
		"gruodžio 3 d. 9.00":                           "2026-12-03 09:00",
		"2026 m. gruodžio 3 d., ketvirtadienis, 14.30": "2026-12-03 14:30",
		"2026-12-03 18:05":                             "2026-12-03 18:05",
		"3. decembrī plkst. 9.00":                      "2026-12-03 09:00",
		"3 December at 9:00":                           "2026-12-03 09:00",
		"rytoj 18.30":                                  "2026-11-24 18:30",
		"Rytoj, 9 val.":                                "2026-11-24 09:00",
		"poryt 8:00":                                   "2026-11-25 08:00",
		"šiandien 18 val.":                             "2026-11-23 18:00",
		"rīt plkst. 9":                                 "2026-11-24 09:00",
		"šodien 12.15":                                 "2026-11-23 12:15",
		"parīt 7.45":                                   "2026-11-25 07:45",
		"tomorrow at 18:30":                            "2026-11-24 18:30",
		"penktadienį 10.00":                            "2026-11-27 10:00",
		"piektdien 10.00":                              "2026-11-27 10:00",
		"Friday 10:00":                                 "2026-11-27 10:00",
		"pirmadienį 10.00":                             "2026-11-23 10:00",
		"pirmadienį 9.00":                              "2026-11-30 09:00",
		"18.00":                                        "2026-11-23 18:00",
		"plkst. 9:00":                                  "2026-11-24 09:00",
		"šiandien 8.00":                                "2026-11-23 08:00", // past: whoever asks says so
		"2027-03-28 03:30":                             "2027-03-28 04:30", // an hour that does not exist
	} {
		if at, ok := readMoment(typed, now); !ok || at.Format(form) != want {
			t.Errorf("%q is read as %v, %v; want %s", typed, at, ok, want)
		}
	}
	for _, typed := range []string{"", "rytoj", "gruodžio 3 d.", "9", "rytoj 9–11", "2026-12-03 25:00", "greitai", "31.11.2026 9:00", "24.00"} {
		if at, ok := readMoment(typed, now); ok {
			t.Errorf("%q is read as %v", typed, at)
		}
	}
}

func FuzzReadMoment(f *testing.F) {
	for _, seed := range []string{"rytoj 18.30", "gruodžio 3 d. 9.00", "Friday 10:00", "18.00", "šodien 9"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, typed string) {
		if at, ok := readMoment(typed, now); ok && at.IsZero() {
			t.Errorf("%q is no instant", typed)
		}
	})
}

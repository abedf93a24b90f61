package store

import "testing"

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"  Rokiškis\t Čedasai ": "rokiskis cedasai",
		"ŽĄSĖ ŪŲ ĮĮ":            "zase uu ii",
		"Ģirts Ķēniņš ŅUJA":     "girts kenins nuja",
		"Łódź, Øre, Straße":     "lodz, ore, strasse",
		"ĐÆŒ":                   "daeoe",
		"Café":                  "cafe",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
		if got := fold(fold(in)); got != want {
			t.Errorf("fold twice of %q = %q, want %q", in, got, want)
		}
	}
}

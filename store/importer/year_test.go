package importer

import "testing"

func TestYears(t *testing.T) {
	for text, want := range map[string]int{
		"2008": 2008, "2008.0": 2008, "[2008]": 2008, "c2008": 2008, "2008 m.": 2008, "2008-2010": 2008, "2008a": 2008, "180 AD": 180, "8": 8,
		"-750.0": -750, "20xx": 0, "19--": 0, "[19--]": 0, "199u": 0, "198?": 0, "20080": 0, "0": 0, "be metų": 0,
	} {
		if got, ok := parseYear(text); got != want || ok != (want != 0) {
			t.Errorf("%q is %d, %v; want %d", text, got, ok, want)
		}
	}
}

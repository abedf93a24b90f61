package store

import (
	"errors"
	"testing"
	"time"
)

func TestRuleRefused(t *testing.T) {
	for _, rule := range []string{
		"", "FREQ", "FREQ=", "FREQ=SOMETIMES", "FREQ=HOURLY", "FREQ=WEEKLY;BYHOUR=3", "FREQ=WEEKLY;INTERVAL=x", "FREQ=WEEKLY;INTERVAL=-1",
		"FREQ=MONTHLY;BYDAY=8XX", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY\nDTSTART:20200101",
		"FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL=2",
	} {
		start := time.Now()
		err := checkStop(Stop{Name: "x", Rule: rule, Start: "2026-01-01"}, time.UTC)
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("rule %q: %v, want ErrInvalid", rule, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("rule %q took %s", rule, took)
		}
	}
}

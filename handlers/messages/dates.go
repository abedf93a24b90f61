package messages

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Dates and numbers in each language's own form, 24 hours
// (lt: "2026 m. gruodžio 3 d., ketvirtadienis, 14.30"; lv: "2026. gada 3. decembris, ceturtdiena, plkst. 14.30").
// All take the wall clock of the time they are given: the caller chooses the zone.

type calendar struct {
	months   [12]string // as in a date
	names    [12]string // standing alone
	weekdays [7]string  // from Sunday
	short    [7]string
}

func (p *Printer) calendar() calendar {
	switch p.lang {
	case "lt":
		return calendar{
			months: [12]string{
				"sausio", "vasario", "kovo", "balandžio", "gegužės", "birželio", "liepos", "rugpjūčio", "rugsėjo", "spalio",
				"lapkričio", "gruodžio",
			},
			names: [12]string{
				"sausis", "vasaris", "kovas", "balandis", "gegužė", "birželis", "liepa", "rugpjūtis", "rugsėjis", "spalis",
				"lapkritis", "gruodis",
			},
			weekdays: [7]string{"sekmadienis", "pirmadienis", "antradienis", "trečiadienis", "ketvirtadienis", "penktadienis", "šeštadienis"},
			short:    [7]string{"Sk", "Pr", "An", "Tr", "Kt", "Pn", "Št"},
		}
	case "lv":
		months := [12]string{
			"janvāris", "februāris", "marts", "aprīlis", "maijs", "jūnijs", "jūlijs", "augusts", "septembris", "oktobris",
			"novembris", "decembris",
		}
		return calendar{
			months: months, names: months,
			weekdays: [7]string{"svētdiena", "pirmdiena", "otrdiena", "trešdiena", "ceturtdiena", "piektdiena", "sestdiena"},
			short:    [7]string{"Sv", "P", "O", "T", "C", "Pk", "S"},
		}
	}
	var c calendar
	for m := range 12 {
		c.months[m] = time.Month(m + 1).String()
		c.names[m] = c.months[m]
	}
	for d := range 7 {
		c.weekdays[d] = time.Weekday(d).String()
		c.short[d] = c.weekdays[d][:3]
	}
	return c
}

// Day is a date without its year: "gruodžio 3 d.", "3. decembris", "3 December".
func (p *Printer) Day(t time.Time) string {
	month := p.calendar().months[t.Month()-1]
	switch p.lang {
	case "lt":
		return fmt.Sprintf("%s %d d.", month, t.Day())
	case "lv":
		return fmt.Sprintf("%d. %s", t.Day(), month)
	}
	return fmt.Sprintf("%d %s", t.Day(), month)
}

// Weekday is the day's name: "ketvirtadienis".
func (p *Printer) Weekday(t time.Time) string { return p.calendar().weekdays[t.Weekday()] }

// ShortWeekday is the day's name in two or three letters, for buttons.
func (p *Printer) ShortWeekday(t time.Time) string { return p.calendar().short[t.Weekday()] }

// Month is a month standing alone with its year: "2026 m. gruodis".
func (p *Printer) Month(t time.Time) string {
	name := p.calendar().names[t.Month()-1]
	switch p.lang {
	case "lt":
		return fmt.Sprintf("%d m. %s", t.Year(), name)
	case "lv":
		return fmt.Sprintf("%d. gada %s", t.Year(), name)
	}
	return fmt.Sprintf("%s %d", name, t.Year())
}

// DayAndWeekday is "gruodžio 3 d., ketvirtadienis".
func (p *Printer) DayAndWeekday(t time.Time) string {
	if p.lang == "en" {
		return p.Weekday(t) + " " + p.Day(t)
	}
	return p.Day(t) + ", " + p.Weekday(t)
}

// Date is a whole date: "2026 m. gruodžio 3 d., ketvirtadienis".
func (p *Printer) Date(t time.Time) string {
	switch p.lang {
	case "lt":
		return fmt.Sprintf("%d m. %s", t.Year(), p.DayAndWeekday(t))
	case "lv":
		return fmt.Sprintf("%d. gada %s", t.Year(), p.DayAndWeekday(t))
	}
	return fmt.Sprintf("%s %d", p.DayAndWeekday(t), t.Year())
}

// Clock is an hour: "14.30", in English "14:30".
func (p *Printer) Clock(t time.Time) string {
	if p.lang == "en" {
		return t.Format("15:04")
	}
	return t.Format("15.04")
}

// MinuteOfDay is a Clock of minutes after midnight.
func (p *Printer) MinuteOfDay(m int) string {
	return p.Clock(time.Date(2000, 1, 1, m/60, m%60, 0, 0, time.UTC))
}

// Span is "14.30–15.00".
func (p *Printer) Span(from, to time.Time) string { return p.Clock(from) + "–" + p.Clock(to) }

// DateTime is a whole date with its hour.
func (p *Printer) DateTime(t time.Time) string {
	if p.lang == "lv" {
		return p.Date(t) + ", plkst. " + p.Clock(t)
	}
	return p.Date(t) + ", " + p.Clock(t)
}

// DayAndTime is a day of the near future with its hour: "gruodžio 3 d., ketvirtadienis, 14.30".
func (p *Printer) DayAndTime(t time.Time) string {
	if p.lang == "lv" {
		return p.DayAndWeekday(t) + ", plkst. " + p.Clock(t)
	}
	return p.DayAndWeekday(t) + ", " + p.Clock(t)
}

// Number groups digits as the language does: "10 000".
func (p *Printer) Number(n int) string {
	tag, err := language.Parse(p.lang)
	if err != nil {
		return strconv.Itoa(n)
	}
	return message.NewPrinter(tag).Sprintf("%d", n)
}

// List joins words: "a, b ir c".
func (p *Printer) List(words []string) string {
	and := map[string]string{"lt": " ir ", "lv": " un ", "en": " and "}[p.lang]
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + and + words[len(words)-1]
}

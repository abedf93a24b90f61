package search

import (
	"strings"
	"testing"
)

// TestInflectedFormsMeet lists whole paradigms; every form of a line has one stem. The forms are from the grammars'
// tables of declensions.
func TestInflectedFormsMeet(t *testing.T) {
	for _, c := range []struct {
		l     language
		forms string
	}{
		{lithuanian, "verslas verslo verslui verslą verslu versle verslai verslų verslams verslus verslais versluose"},
		{lithuanian, "kelias kelio keliui kelią keliu kelyje keliai kelių keliams kelius keliais keliuose"},
		{lithuanian, "brolis brolio broliui brolį broliu brolyje broliai brolių broliams brolius broliais broliuose"},
		{lithuanian, "įprotis įpročio įpročiui įprotį įpročiu įprotyje įpročiai įpročių įpročiams įpročius įpročiais įpročiuose"},
		{lithuanian, "mokestis mokesčio mokesčiui mokestį mokesčiu mokestyje mokesčiai mokesčių mokesčiams mokesčius mokesčiais"},
		{lithuanian, "žodis žodžio žodžiui žodį žodžiu žodyje žodžiai žodžių žodžiams žodžius žodžiais žodžiuose"},
		{lithuanian, "knyga knygos knygai knygą knygoje knygų knygoms knygas knygomis knygose"},
		{lithuanian, "teisė teisės teisei teisę teise teisėje teisių teisėms teises teisėmis teisėse"},
		{lithuanian, "psichologija psichologijos psichologijai psichologiją psichologijoje psichologijų"},
		{lithuanian, "širdis širdies širdžiai širdį širdimi širdyje širdys širdžių širdims širdimis širdyse"},
		{lithuanian, "sūnus sūnaus sūnui sūnų sūnumi sūnuje sūnūs sūnums sūnumis sūnuose"},
		{lithuanian, "skaičius skaičiaus skaičiui skaičių skaičiumi skaičiuje skaičiai skaičiams skaičiais skaičiuose"},
		{lithuanian, "vanduo vandens vandeniui vandenį vandeniu vandenyje vandenys vandenims vandenimis"},
		{lithuanian, "sėkmingas sėkmingo sėkmingam sėkmingą sėkmingame sėkmingi sėkmingų sėkmingiems sėkminguose sėkminga sėkmingos sėkmingoji"},
		{lithuanian, "žmogus žmogaus žmogui žmogų žmonės žmonių žmonėms žmones žmonėmis"},
		{latvian, "bizness biznesa biznesam biznesu biznesā"},
		{latvian, "nodoklis nodokļa nodoklim nodokli nodoklī nodokļi nodokļu nodokļiem nodokļus nodokļos"},
		{latvian, "latvietis latvieša latvietim latvieti latvieši latviešu latviešiem latviešus latviešos"},
		{latvian, "briedis brieža briedim briedi brieži briežu briežiem briežus briežos"},
		{latvian, "grāmata grāmatas grāmatai grāmatu grāmatā grāmatām grāmatās"},
		{latvian, "tirgus tirgum tirgu tirgū tirgi tirgiem tirgos"},
		{latvian, "mācība mācības mācībai mācību mācībā mācībām mācībās"},
		{latvian, "kurpe kurpes kurpei kurpi kurpē kurpju kurpēm kurpēs"},
		{latvian, "pārdošana pārdošanas pārdošanai pārdošanu pārdošanā"},
		{latvian, "labais labajam labajā labajiem labajos labajai labajās laba labas"},
		{english, "habit habits"},
		{english, "company companies"},
		{english, "business businesses"},
		{english, "make making makes"},
		{english, "plan planning planned plans"},
		{english, "market marketing markets"},
	} {
		forms := strings.Fields(c.forms)
		want := stem(c.l, Fold(forms[0]))
		for _, f := range forms[1:] {
			if got := stem(c.l, Fold(f)); got != want {
				t.Errorf("%s has the stem %q, %s has %q", f, got, forms[0], want)
			}
		}
	}
}

func TestDifferentWordsKeepApart(t *testing.T) {
	for _, c := range []struct {
		l    language
		a, b string
	}{
		{lithuanian, "teisė", "teismas"},
		{lithuanian, "verslas", "verslininkas"},
		{lithuanian, "kalba", "kalnas"},
		{latvian, "tiesa", "tiesnesis"},
		{latvian, "valoda", "valsts"},
		{english, "market", "marker"},
	} {
		if stem(c.l, Fold(c.a)) == stem(c.l, Fold(c.b)) {
			t.Errorf("%s and %s have one stem", c.a, c.b)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"a", "a", 0},
		{"kahneman", "kanheman", 1},
		{"verslas", "vverslas", 1},
		{"book", "bok", 1},
		{"book", "back", 2},
		{"book", "tree", 3},
		{"", "ab", 2},
		{"mastymas", "matsymsa", 2},
	} {
		if got := distance([]rune(c.a), []rune(c.b), 2); got != c.want {
			t.Errorf("distance of %q and %q is %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// TestDeletionsLoseNothing compares the deletion neighbourhood with looking at every word.
func TestDeletionsLoseNothing(t *testing.T) {
	vocabulary := strings.Fields(Fold(`teise teisme mokestis mokesciai psichologija psichologas psichologiniai verslininkas
		verslininke verslininkai apskaita apskaitos buhalterija buhalteris rinkodara rinkodaros management manager managing`))
	var d dictionary
	for _, w := range vocabulary {
		d.add(w)
	}
	for _, w := range vocabulary {
		for _, q := range []string{w, w[1:], w[:1] + w[2:], w + "x", w[:2] + "q" + w[2:], w[1:2] + w[:1] + w[2:], w[1 : len(w)-1]} {
			found := map[string]bool{}
			d.withTypo(q, func(n uint32, _ int) { found[d.terms[n]] = true })
			k := typosAllowed(len(q))
			for _, other := range vocabulary {
				if e := distance([]rune(q), []rune(other), k); e > 0 && e <= k && !found[other] {
					t.Errorf("%q is %d from %q and was not found", other, e, q)
				}
			}
		}
	}
}

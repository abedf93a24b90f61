package importer

import (
	"strings"

	"versli/store"
)

// topicNamed knows the seven topics by their code and by their names in the three languages.
func topicNamed(s string) (store.Topic, bool) {
	switch key(s) {
	case "business", "verslas", "bizness", "uznemejdarbiba", "vadyba", "management":
		return store.TopicBusiness, true
	case "law", "teise", "tiesibas", "likumi":
		return store.TopicLaw, true
	case "marketing", "rinkodara", "marketingas", "marketings":
		return store.TopicMarketing, true
	case "english", "anglukalba", "anglu", "angluvaloda", "englishlanguage":
		return store.TopicEnglish, true
	case "taxes", "tax", "mokesciai", "nodokli", "apskaita", "gramatvediba":
		return store.TopicTaxes, true
	case "etiquette", "etiketas", "etikete":
		return store.TopicEtiquette, true
	case "psychology", "psichologija", "psihologija":
		return store.TopicPsychology, true
	}
	return "", false
}

// topicOfClass reads a class of the Universal Decimal Classification, which Lithuanian and Latvian libraries shelve by;
// Dewey's classes agree where both have one. The first of the list that begins the call number counts. Source: UDC
// Summary, udcsummary.info.
func topicOfClass(call string) store.Topic {
	call = strings.TrimLeft(call, " (")
	for _, c := range []struct {
		class string
		topic store.Topic
	}{
		{"339.138", store.TopicMarketing},
		{"659.1", store.TopicMarketing},
		{"658.8", store.TopicMarketing},
		{"811.111", store.TopicEnglish},
		{"42", store.TopicEnglish},
		{"336.2", store.TopicTaxes},
		{"657", store.TopicTaxes},
		{"395", store.TopicEtiquette},
		{"15", store.TopicPsychology},
		{"316.6", store.TopicPsychology},
		{"34", store.TopicLaw},
		{"658", store.TopicBusiness},
		{"65.0", store.TopicBusiness},
		{"005", store.TopicBusiness},
		{"33", store.TopicBusiness},
	} {
		if strings.HasPrefix(call, c.class) {
			return c.topic
		}
	}
	return ""
}

// languageCode gives the ISO 639-1 code of a language's code (ISO 639-1, either form of 639-2, "en-US") or name. What
// is not known stays as it is, when it looks like a code.
func languageCode(s string) string {
	s = strings.ToLower(clean(s))
	code, _, _ := strings.Cut(strings.ReplaceAll(s, "_", "-"), "-")
	if two, ok := twoLetters(code); ok {
		return two
	}
	switch key(s) {
	case "lietuviu", "lietuviukalba", "lithuanian", "lietuviesu", "lietuviesuvaloda":
		return "lt"
	case "latviu", "latviukalba", "latvian", "latviesu", "latviesuvaloda":
		return "lv"
	case "anglu", "anglukalba", "english", "angluvaloda":
		return "en"
	case "rusu", "rusukalba", "russian", "krievu", "krievuvaloda":
		return "ru"
	case "vokieciu", "vokieciukalba", "german", "vacu", "vaciesu":
		return "de"
	case "lenku", "lenkukalba", "polish", "polu":
		return "pl"
	}
	switch {
	case code == "und", code == "mul", code == "zxx", len(code) < 2, len(code) > 3, strings.Trim(code, "abcdefghijklmnopqrstuvwxyz") != "":
		return ""
	}
	return code
}

// twoLetters turns ISO 639-2 into 639-1, for the languages that a library in the Baltics holds.
func twoLetters(code string) (string, bool) {
	const table = " lit:lt lav:lv eng:en rus:ru ger:de deu:de fre:fr fra:fr pol:pl spa:es ita:it est:et fin:fi swe:sv dan:da " +
		"nor:no nob:nb dut:nl nld:nl por:pt ukr:uk bel:be cze:cs ces:cs slo:sk slk:sk hun:hu rum:ro ron:ro bul:bg gre:el ell:el " +
		"lat:la heb:he ara:ar chi:zh zho:zh jpn:ja kor:ko tur:tr hrv:hr srp:sr slv:sl per:fa fas:fa hin:hi cat:ca ice:is isl:is " +
		"gle:ga wel:cy cym:cy epo:eo yid:yi vie:vi ind:id "
	if len(code) != 3 {
		return "", false
	}
	_, rest, ok := strings.Cut(table, " "+code+":")
	if !ok {
		return "", false
	}
	return rest[:2], true
}

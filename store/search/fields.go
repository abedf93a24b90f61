package search

import (
	"strings"

	"versli/store"
)

// fields is a set of the fields of a title in which a word stands.
type fields uint8

const (
	inTitle fields = 1 << iota
	inSubtitle
	inAuthor
	inSeries
	inSubject
	inTopic // the topic and the language, in words of the three languages
	inIdent // ISBN, barcode, year
	allFields
)

// weight tells what a word is worth by the fields where it stands: the best of them, and a little for each other.
func (f fields) weight() float32 {
	var best, sum float32
	for i, w := range [...]float32{1, 0.7, 0.8, 0.55, 0.5, 0.4, 0.9} {
		if f&(1<<i) != 0 {
			best = max(best, w)
			sum += w
		}
	}
	return best + (sum-best)*0.05
}

// topicWords are the words by which people ask for a topic. They are looked up, never shown.
func topicWords(t store.Topic) string {
	switch t {
	case store.TopicBusiness:
		return "verslas vadyba bizness uzņēmējdarbība business management"
	case store.TopicLaw:
		return "teisė įstatymai tiesības likumi law legal"
	case store.TopicMarketing:
		return "rinkodara reklama pardavimai mārketings reklāma marketing advertising"
	case store.TopicEnglish:
		return "anglų kalba angļu valoda english language"
	case store.TopicTaxes:
		return "mokesčiai apskaita buhalterija nodokļi grāmatvedība taxes accounting"
	case store.TopicEtiquette:
		return "etiketas elgesys etiķete uzvedība etiquette manners"
	case store.TopicPsychology:
		return "psichologija psiholoģija psychology"
	}
	return string(t)
}

// languageWords are the words by which people ask for a language.
func languageWords(code string) string {
	switch strings.ToLower(code) {
	case "lt":
		return "lietuvių lietuviškai lietuviešu lithuanian"
	case "lv":
		return "latvių latviškai latviešu latvian"
	case "en":
		return "anglų angliškai angļu english"
	case "ru":
		return "rusų rusiškai krievu russian"
	case "de":
		return "vokiečių vāciešu german"
	case "pl":
		return "lenkų poļu polish"
	}
	return code
}

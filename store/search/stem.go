package search

// Light stemmers: they take off inflection and nothing else. They work on folded words, since people leave out
// diacritics, and so cannot tell "ė" from "e" or "ą" from "a"; what they confuse by that, ranking sorts out. The rules
// are this project's own, written down from the paradigms of the school grammars; there is no dictionary behind them.

// language is one of the stemmers.
type language uint8

const (
	lithuanian language = iota
	latvian
	english
)

// languages is how many stemmers there are.
const languages = int(english) + 1

// stem gives the stem of a folded word in a language.
func stem(l language, w string) string {
	switch l {
	case lithuanian:
		return stemLithuanian(w)
	case latvian:
		return stemLatvian(w)
	case english:
		return stemEnglish(w)
	}
	return w
}

// minStem is the shortest stem: below it, endings are taken for part of the word.
const minStem = 3

// maxEnding is the length of the longest ending.
const maxEnding = 9

// cutEnding takes off the longest ending that leaves at least minStem letters.
func cutEnding(w string, isEnding func(string) bool) string {
	for n := max(minStem, len(w)-maxEnding); n < len(w); n++ {
		if isEnding(w[n:]) {
			return w[:n]
		}
	}
	return w
}

package search

import "strings"

// latvianEnding tells the case endings of the six declensions of nouns, of adjectives, and of their definite forms
// (labais, labajam …), folded.
func latvianEnding(e string) bool {
	switch e {
	case "ajiem",
		"ajai", "ajam", "ajas", "ajos",
		"ais", "aja", "iem", "iet",
		"ai", "am", "as", "ei", "em", "es", "ie", "ij", "im", "is", "os", "um", "us",
		"a", "e", "i", "o", "s", "u":
		return true
	}
	return false
}

// stemLatvian takes off the case ending and levels what palatalisation does to the stem: "t" and "s" meet (latvietis,
// latviešu), so do "d" and "z" (briedis, brieža), and "j" falls after a labial (upe, upju). The other changes are
// diacritics, which folding has taken already.
func stemLatvian(w string) string {
	root := cutEnding(w, latvianEnding)
	n := len(root)
	if n <= minStem {
		return root
	}
	switch last := root[n-1]; last {
	case 't':
		return root[:n-1] + "s"
	case 'd':
		return root[:n-1] + "z"
	case 'j':
		if strings.IndexByte("pbmv", root[n-2]) >= 0 {
			return root[:n-1]
		}
	}
	return root
}

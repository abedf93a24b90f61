package search

import "strings"

// lithuanianEnding tells the case endings of the five declensions of nouns, of adjectives, and of their definite forms
// (gerasis, gerojo …), folded. Palatal stems (brolio, teisių) carry their "i" as part of the ending.
func lithuanianEnding(e string) bool {
	switch e {
	case "iuosiuose",
		"uosiuose",
		"aisiais", "iesiems", "iuosius", "osiomis",
		"enimis", "osioms", "osiose", "uosiuo", "uosius",
		"ajame", "asias", "enims", "eniui", "enyje", "iajam", "iomis", "iuose", "ojoje", "osios",
		"ajam", "asis", "emis", "enis", "eniu", "enys", "iais", "iame", "iams", "iaus", "ieji", "iems", "imis", "ioje", "iojo",
		"ioms", "iose", "iuje", "iumi", "omis", "umis", "uoju", "uose", "ysis",
		"ais", "aja", "ame", "ams", "aus", "eje", "ems", "eni", "ens", "ese", "iai", "iam", "ias", "ies", "imi", "ims", "ios",
		"iui", "ius", "oje", "oji", "ojo", "oms", "ose", "uje", "uju", "umi", "ums", "yje", "yse",
		"ai", "am", "as", "au", "ei", "ej", "es", "ia", "io", "is", "iu", "oj", "os", "ui", "uj", "uo", "us", "yj", "ys",
		"a", "e", "i", "o", "u", "y":
		return true
	}
	return false
}

// stemLithuanian takes off the case ending and undoes what it did to the stem: before "i" and a back vowel "t" becomes
// "č" and "d" becomes "dž" (mokestis, mokesčio; medis, medžio). "Žmogus" has another stem in the plural.
func stemLithuanian(w string) string {
	root := cutEnding(w, lithuanianEnding)
	switch {
	case root == "zmon":
		return "zmog"
	case len(root) <= minStem:
		return root
	case strings.HasSuffix(root, "dz"):
		return root[:len(root)-1]
	case strings.HasSuffix(root, "c"):
		return root[:len(root)-1] + "t"
	}
	return root
}

package search

import "strings"

// stemEnglish takes off the plural, "-ing" and "-ed", after the first steps of Porter's algorithm (M. F. Porter, An
// algorithm for suffix stripping, 1980), and a last "e", so that "make" and "making" meet.
func stemEnglish(w string) string {
	w = englishSingular(w)
	for _, e := range []string{"ing", "ed"} {
		root, ok := strings.CutSuffix(w, e)
		if !ok || len(root) < minStem || !strings.ContainsAny(root, "aeiouy") {
			continue
		}
		if n := len(root); root[n-1] == root[n-2] && strings.IndexByte("lsz", root[n-1]) < 0 {
			return root[:n-1]
		}
		return strings.TrimSuffix(root, "e")
	}
	if len(w) > minStem {
		return strings.TrimSuffix(w, "e")
	}
	return w
}

func englishSingular(w string) string {
	n := len(w)
	switch {
	case n <= minStem:
		return w
	case strings.HasSuffix(w, "ies") && n > 4:
		return w[:n-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"):
		return w[:n-2]
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"), strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "s"):
		return w[:n-1]
	}
	return w
}

package handlers

import (
	"html"
	"regexp"

	"versli/bot/chat"
)

var tag = regexp.MustCompile(`<[^>]*>`)

// plainText takes the markup out of a text, for a toast.
func plainText(s chat.HTML) string { return html.UnescapeString(tag.ReplaceAllString(string(s), "")) }

package playground

import (
	"html"
	"slices"
	"strings"
	"unicode/utf16"
)

// renderHTML writes text with its entities as HTML that is safe to put into a page: every character of the text is escaped, and
// tags come from here alone. Entities may overlap in any way.
func renderHTML(text string, entities []entity) string {
	units := utf16.Encode([]rune(text))
	marks := make([]entity, 0, len(entities))
	cuts := []int{0, len(units)}
	for _, e := range entities {
		end := e.Offset + e.Length
		if e.Offset < 0 || e.Length <= 0 || end > len(units) || end < 0 {
			continue
		}
		marks = append(marks, e)
		cuts = append(cuts, e.Offset, end)
	}
	slices.SortStableFunc(marks, compareEntities)
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)

	var out strings.Builder
	var open []int // indexes of the marks whose tags are open, outermost first
	for i := 0; i+1 < len(cuts); i++ {
		begin, end := cuts[i], cuts[i+1]
		var want []int
		for n, e := range marks {
			if e.Offset <= begin && e.Offset+e.Length >= end {
				want = append(want, n)
			}
		}
		same := 0
		for same < len(open) && same < len(want) && open[same] == want[same] {
			same++
		}
		closeTags(&out, marks, open[same:])
		for _, n := range want[same:] {
			before, _ := tags(marks[n], units)
			out.WriteString(before)
		}
		open = want
		out.WriteString(html.EscapeString(string(utf16.Decode(units[begin:end]))))
	}
	closeTags(&out, marks, open)
	return out.String()
}

func closeTags(out *strings.Builder, marks []entity, open []int) {
	for _, n := range slices.Backward(open) {
		_, after := tags(marks[n], nil)
		out.WriteString(after)
	}
}

// tags are the HTML around an entity; units is the whole text.
func tags(e entity, units []uint16) (before, after string) {
	switch e.Type {
	case "bold":
		return "<b>", "</b>"
	case "italic":
		return "<i>", "</i>"
	case "underline":
		return "<u>", "</u>"
	case "strikethrough":
		return "<s>", "</s>"
	case "spoiler":
		return `<span class="spoiler">`, "</span>"
	case "code":
		return "<code>", "</code>"
	case "pre":
		return `<pre data-language="` + html.EscapeString(e.Language) + `">`, "</pre>"
	case "blockquote":
		return "<blockquote>", "</blockquote>"
	case "expandable_blockquote":
		return `<blockquote class="expandable">`, "</blockquote>"
	case "text_mention", "mention", "hashtag":
		return `<span class="mention">`, "</span>"
	}
	if units == nil {
		units = []uint16{}
	}
	return linkTag(e, units), linkEnd(e)
}

func linkEnd(e entity) string {
	switch e.Type {
	case "text_link", "url", "email", "bot_command":
		return "</a>"
	}
	return ""
}

// linkTag opens a link. A command carries data-command, a deep link to the bot itself data-start, for the page to send.
func linkTag(e entity, units []uint16) string {
	own := ""
	if e.Offset+e.Length <= len(units) {
		own = string(utf16.Decode(units[e.Offset : e.Offset+e.Length]))
	}
	switch e.Type {
	case "bot_command":
		return `<a href="#" class="command" data-command="` + html.EscapeString(own) + `">`
	case "email":
		return `<a href="mailto:` + html.EscapeString(own) + `">`
	case "url":
		return webLink(own)
	case "text_link":
		return webLink(e.URL)
	}
	return ""
}

func webLink(address string) string {
	start := ""
	if payload, found := startPayload(address); found {
		start = ` data-start="` + html.EscapeString(payload) + `"`
	}
	return `<a href="` + html.EscapeString(address) + `" target="_blank" rel="noopener noreferrer nofollow"` + start + `>`
}

// startPayload is what a deep link https://t.me/BOT?start=PAYLOAD to this bot makes a person send after /start.
func startPayload(address string) (string, bool) {
	for _, prefix := range []string{"https://t.me/", "http://t.me/", "https://telegram.me/"} {
		if rest, found := strings.CutPrefix(address, prefix+BotUsername); found {
			payload, found := strings.CutPrefix(rest, "?start=")
			return payload, found
		}
	}
	return "", false
}

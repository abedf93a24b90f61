package playground

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxEntities is how many entities of a message Telegram keeps. https://limits.tginfo.me/en
const maxEntities = 100

// pattern is something that Telegram recognises in plain text without its being marked.
type pattern struct {
	kind   string
	re     *regexp.Regexp
	notBy  string // characters that may not stand on either side
	asWord bool   // no letter, digit or underscore of any script may stand on either side
}

// detectable are the patterns, the most telling first. A command of other than ASCII letters is no command: "/paieška" is plain text.
func detectable() []pattern {
	return []pattern{
		{kind: "url", re: regexp.MustCompile(`(?i)https?://[^\s<>"„“”«»]*[^\s<>"„“”«».,;:!?)\]']`)},
		{kind: "email", re: regexp.MustCompile(`(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}`), asWord: true},
		{kind: "bot_command", re: regexp.MustCompile(`/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?`), notBy: "/<>", asWord: true},
		{kind: "mention", re: regexp.MustCompile(`@[A-Za-z][A-Za-z0-9_]{3,31}`), asWord: true},
		{kind: "hashtag", re: regexp.MustCompile(`#[\p{L}\p{N}_]{1,256}`), asWord: true},
	}
}

// fits tells whether a match can be followed, if it is a link, and whether the characters around it let it stand for itself.
func (p pattern) fits(text string, begin, end int) bool {
	if _, problem := checkURL(text[begin:end]); p.kind == "url" && problem != "" {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:begin])
	after, _ := utf8.DecodeRuneInString(text[end:])
	for _, r := range []rune{before, after} {
		if strings.ContainsRune(p.notBy, r) || (p.asWord && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')) {
			return false
		}
	}
	return true
}

// detect adds links, addresses, commands, mentions and hashtags that stand in the text outside of code and other links.
func (s *Server) detect(text string, entities []entity) []entity {
	all := slices.Clone(entities)
	for _, p := range s.patterns {
		for _, at := range p.re.FindAllStringIndex(text, -1) {
			e := entity{Type: p.kind, Offset: utf16Len(text[:at[0]]), Length: utf16Len(text[at[0]:at[1]])}
			if p.fits(text, at[0], at[1]) && !slices.ContainsFunc(all, e.excludedBy) {
				all = append(all, e)
			}
		}
	}
	slices.SortStableFunc(all, compareEntities)
	return all[:min(len(all), maxEntities)]
}

// excludedBy tells whether another entity leaves no room for a detected one.
func (e entity) excludedBy(other entity) bool {
	switch other.Type {
	case "code", "pre", "text_link", "text_mention", "url", "email", "bot_command", "mention", "hashtag":
		return e.Offset < other.Offset+other.Length && other.Offset < e.Offset+e.Length
	}
	return false
}

// formatted is a text of the bot's after all checks.
type formatted struct {
	text     string
	entities []entity
}

// format reads a text parameter with its parse mode or explicit entities; prefix is "" or "caption_".
func (s *Server) format(c *call, name, entitiesName string) (formatted, error) {
	src := strings.ReplaceAll(c.text(name), "\r\n", "\n")
	if !utf8.ValidString(src) {
		return formatted{}, badRequest("strings must be encoded in UTF-8")
	}
	return s.formatText(src, c.text("parse_mode"), func(list *[]entity) error {
		_, err := c.decode(entitiesName, list)
		return err
	})
}

func (s *Server) formatText(src, mode string, given func(*[]entity) error) (formatted, error) {
	var f formatted
	switch strings.ToLower(mode) {
	case "":
		f.text = src
		if err := given(&f.entities); err != nil {
			return f, err
		}
		if err := f.check(); err != nil {
			return f, err
		}
	case "html":
		var err error
		if f.text, f.entities, err = parseHTML(src); err != nil {
			return f, err
		}
	default:
		// The bot that this playground serves writes HTML alone; a guess at Markdown would be worse than a refusal.
		return f, badRequest("unsupported parse_mode")
	}
	f.text, f.entities = trimText(f.text, f.entities)
	if utf16Len(f.text) > maxText {
		return f, nil // too long for any message: the caller refuses it
	}
	f.entities = s.detect(f.text, f.entities)
	for i, e := range f.entities {
		if e.Type == "text_mention" {
			f.entities[i].User = s.mentioned(e.User)
		}
	}
	return f, nil
}

// mentioned completes a person who is only named by id.
func (s *Server) mentioned(who *user) *user {
	s.mu.Lock()
	defer s.mu.Unlock()
	if who != nil && s.state.people[who.ID] != nil {
		full := s.state.people[who.ID].user()
		return &full
	}
	return who
}

// check holds explicit entities against the text.
func (f *formatted) check() error {
	size := utf16Len(f.text)
	for _, e := range f.entities {
		if e.Type == "" {
			return badRequest(`can't parse MessageEntity: Can't find field "type"`)
		}
		if e.Offset < 0 || e.Length < 0 || e.Offset > size || e.Length > size-e.Offset {
			return badRequest("entity beyond the end of the text")
		}
		if e.Type == "text_link" {
			if _, problem := checkURL(e.URL); problem != "" {
				return badRequest("entity URL '%s' is invalid: %s", e.URL, problem)
			}
		}
	}
	return nil
}

// checkURL returns the address as Telegram would keep it, or what is wrong with it, in the words of its URL parser.
func checkURL(address string) (clean, problem string) {
	address = strings.TrimSpace(address)
	scheme, _, found := strings.Cut(address, ":")
	switch scheme = strings.ToLower(scheme); {
	case address == "":
		return "", "URL is empty"
	case found && (scheme == "tg" || scheme == "ton" || scheme == "tonsite"):
		return address, ""
	case found && strings.Contains(address, "://") && scheme != "http" && scheme != "https":
		return "", "Unsupported URL protocol"
	case !strings.Contains(address, "://"):
		address = "http://" + address
	}
	parsed, err := url.Parse(address)
	if err != nil || strings.ContainsAny(address, " \n\t") {
		return "", "Wrong HTTP URL"
	}
	host := parsed.Hostname()
	if host == "" {
		return "", "URL host is empty"
	}
	if !strings.Contains(host, ".") && net.ParseIP(host) == nil {
		return "", "Wrong HTTP URL"
	}
	return address, ""
}

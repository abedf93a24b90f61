package playground

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// htmlParser reads https://core.telegram.org/bots/api#html-style. Byte offsets in its errors count in the source, entity offsets in
// UTF-16 code units of the text that is left.
type htmlParser struct {
	src      string
	at       int // next byte of src
	out      strings.Builder
	units    int // UTF-16 code units in out
	open     []openTag
	entities []entity
}

type openTag struct {
	name       string
	argument   string // href, language, emoji id or "expandable"
	offset     int    // UTF-16
	byteOffset int    // in out
}

// parseHTML splits formatted text into text and entities. The error is an *apiError in Telegram's words.
func parseHTML(src string) (string, []entity, error) {
	p := &htmlParser{src: src}
	for p.at < len(src) {
		var err error
		switch {
		case src[p.at] == '&':
			p.reference()
		case src[p.at] != '<':
			p.char()
		case strings.HasPrefix(src[p.at:], "</"):
			err = p.endTag()
		default:
			err = p.startTag()
		}
		if err != nil {
			return "", nil, err
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, cantParse(`Can't find end tag corresponding to start tag "` + p.open[n-1].name + `"`)
	}
	slices.SortStableFunc(p.entities, compareEntities)
	return p.out.String(), p.entities, nil
}

// compareEntities puts outer entities before the ones inside them.
func compareEntities(a, b entity) int {
	return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length))
}

func cantParse(why string) *apiError { return badRequest("can't parse entities: %s", why) }

func cantParseAt(why string, offset int) *apiError {
	return cantParse(why + " at byte offset " + strconv.Itoa(offset))
}

func (p *htmlParser) write(r rune) {
	p.out.WriteRune(r)
	p.units += utf16.RuneLen(r)
}

func (p *htmlParser) char() {
	r, size := utf8.DecodeRuneInString(p.src[p.at:])
	p.write(r)
	p.at += size
}

// reference writes the character of &lt; &#60; or &#x3c;. An ampersand that begins no known reference stands for itself.
func (p *htmlParser) reference() {
	r, size := decodeReference(p.src[p.at:])
	if size == 0 {
		r, size = '&', 1
	}
	p.write(r)
	p.at += size
}

// decodeReference returns the character at the head of s, which begins with &, and the bytes it takes: 0 when it is no reference.
func decodeReference(s string) (rune, int) {
	end := 1
	for end < len(s) && (isAlnum(s[end]) || (end == 1 && s[end] == '#')) {
		end++
	}
	name := s[1:end]
	if end < len(s) && s[end] == ';' {
		end++
	}
	if digits, numeric := strings.CutPrefix(name, "#"); numeric {
		base := 10
		if hex, isHex := strings.CutPrefix(strings.ToLower(digits), "x"); isHex {
			digits, base = hex, 16
		}
		code, err := strconv.ParseUint(digits, base, 21)
		if err != nil || code == 0 || !utf8.ValidRune(rune(code)) {
			return 0, 0
		}
		return rune(code), end
	}
	switch name {
	case "lt":
		return '<', end
	case "gt":
		return '>', end
	case "amp":
		return '&', end
	case "quot":
		return '"', end
	}
	return 0, 0
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0 || c == '\v'
}

func (p *htmlParser) skipSpace() {
	for p.at < len(p.src) && isSpace(p.src[p.at]) {
		p.at++
	}
}

// until advances to a byte for which stop is true and returns what was passed; false at the end of the source.
func (p *htmlParser) until(stop func(byte) bool) (string, bool) {
	begin := p.at
	for p.at < len(p.src) && !stop(p.src[p.at]) {
		p.at++
	}
	return p.src[begin:p.at], p.at < len(p.src)
}

func supportedTag(name string) bool {
	switch name {
	case "a", "b", "strong", "i", "em", "s", "strike", "del", "u", "ins", "tg-spoiler", "tg-emoji", "span", "pre", "code", "blockquote":
		return true
	}
	return false
}

func (p *htmlParser) startTag() error {
	begin := p.at
	p.at++
	name, more := p.until(func(c byte) bool { return isSpace(c) || c == '>' })
	name = strings.ToLower(name)
	if !more {
		return cantParseAt("Unclosed start tag", begin)
	}
	if !supportedTag(name) {
		return cantParseAt(`Unsupported start tag "`+name+`"`, begin)
	}
	tag := openTag{name: name, offset: p.units, byteOffset: p.out.Len()}
	for {
		p.skipSpace()
		if p.at == len(p.src) {
			return cantParseAt(`Unclosed start tag "`+name+`"`, begin)
		}
		if p.src[p.at] == '>' {
			break
		}
		if err := p.attribute(&tag, begin); err != nil {
			return err
		}
	}
	p.at++
	if name == "span" && tag.argument != "tg-spoiler" {
		return cantParseAt(`Tag "span" must have class "tg-spoiler"`, begin)
	}
	p.open = append(p.open, tag)
	return nil
}

func (p *htmlParser) attribute(tag *openTag, begin int) error {
	attr, more := p.until(func(c byte) bool { return isSpace(c) || c == '=' || c == '>' })
	attr = strings.ToLower(attr)
	if attr == "" {
		return cantParseAt(`Empty attribute name in the tag "`+tag.name+`"`, begin)
	}
	p.skipSpace()
	if !more || p.at == len(p.src) {
		return cantParseAt(`Unclosed start tag "`+tag.name+`"`, begin)
	}
	value := ""
	if p.src[p.at] == '=' {
		p.at++
		p.skipSpace()
		var err error
		if value, err = p.attributeValue(tag, begin); err != nil {
			return err
		}
	} else if tag.name != "blockquote" {
		return cantParseAt(`Expected equal sign in declaration of an attribute of the tag "`+tag.name+`"`, begin)
	}
	switch {
	case tag.name == "a" && attr == "href", tag.name == "span" && attr == "class", tag.name == "tg-emoji" && attr == "emoji-id":
		tag.argument = value
	case tag.name == "code" && attr == "class":
		tag.argument, _ = strings.CutPrefix(value, "language-")
	case tag.name == "blockquote" && attr == "expandable":
		tag.argument = attr
	}
	return nil
}

func (p *htmlParser) attributeValue(tag *openTag, begin int) (string, error) {
	if p.at == len(p.src) {
		return "", cantParseAt(`Unclosed start tag "`+tag.name+`"`, begin)
	}
	quote := p.src[p.at]
	if quote != '"' && quote != '\'' {
		start := p.at
		token, _ := p.until(func(c byte) bool { return !isAlnum(c) && c != '.' && c != '-' })
		if p.at < len(p.src) && !isSpace(p.src[p.at]) && p.src[p.at] != '>' {
			return "", cantParseAt("Unexpected end of name token", start)
		}
		return strings.ToLower(token), nil
	}
	p.at++
	var value strings.Builder
	for p.at < len(p.src) && p.src[p.at] != quote {
		if r, size := decodeReference(p.src[p.at:]); p.src[p.at] == '&' && size > 0 {
			value.WriteRune(r)
			p.at += size
			continue
		}
		value.WriteByte(p.src[p.at])
		p.at++
	}
	if p.at == len(p.src) {
		return "", cantParseAt(`Unclosed start tag "`+tag.name+`"`, begin)
	}
	p.at++
	return value.String(), nil
}

func (p *htmlParser) endTag() error {
	begin := p.at
	if len(p.open) == 0 {
		return cantParseAt("Unexpected end tag", begin)
	}
	p.at += 2
	name, _ := p.until(func(c byte) bool { return isSpace(c) || c == '>' })
	p.skipSpace()
	if p.at == len(p.src) || p.src[p.at] != '>' {
		return cantParseAt("Unclosed end tag", begin)
	}
	p.at++
	tag := p.open[len(p.open)-1]
	if name = strings.ToLower(name); name != "" && name != tag.name {
		return cantParse("Unmatched end tag at byte offset " + strconv.Itoa(begin) +
			`, expected "</` + tag.name + `>", found "</` + name + `>"`)
	}
	p.open = p.open[:len(p.open)-1]
	if p.units > tag.offset {
		p.close(tag)
	}
	return nil
}

// close turns a finished tag into its entity.
func (p *htmlParser) close(tag openTag) {
	e := entity{Offset: tag.offset, Length: p.units - tag.offset}
	switch tag.name {
	case "b", "strong":
		e.Type = "bold"
	case "i", "em":
		e.Type = "italic"
	case "s", "strike", "del":
		e.Type = "strikethrough"
	case "u", "ins":
		e.Type = "underline"
	case "tg-spoiler", "span":
		e.Type = "spoiler"
	case "tg-emoji":
		e.Type, e.CustomEmojiID = "custom_emoji", tag.argument
	case "blockquote":
		e.Type = "blockquote"
		if tag.argument != "" {
			e.Type = "expandable_blockquote"
		}
	case "a":
		address := tag.argument
		if address == "" {
			address = p.out.String()[tag.byteOffset:]
		}
		if !e.link(address) {
			return
		}
	case "code":
		e.Type = "code"
		if n := len(p.open); n > 0 && p.open[n-1].name == "pre" && p.open[n-1].offset == tag.offset {
			p.open[n-1].argument = tag.argument
			return
		}
	case "pre":
		e.Type, e.Language = "pre", tag.argument
	}
	p.entities = append(p.entities, e)
}

// link makes the entity a link or a mention, unless the address cannot be followed: then the text stays without a link.
func (e *entity) link(address string) bool {
	if rest, isUser := strings.CutPrefix(address, "tg://user?id="); isUser {
		id, err := strconv.ParseInt(rest, 10, 64)
		if err != nil {
			return false
		}
		e.Type, e.User = "text_mention", &user{ID: id}
		return true
	}
	clean, problem := checkURL(address)
	if problem != "" {
		return false
	}
	e.Type, e.URL = "text_link", clean
	return true
}

// trimText removes white space at both ends, as Telegram does, and moves the entities along.
func trimText(text string, entities []entity) (string, []entity) {
	left := strings.TrimLeftFunc(text, unicode.IsSpace)
	cut := utf16Len(text) - utf16Len(left)
	text = strings.TrimRightFunc(left, unicode.IsSpace)
	end := utf16Len(text)
	kept := entities[:0:0]
	for _, e := range entities {
		begin, stop := max(e.Offset-cut, 0), min(e.Offset-cut+e.Length, end)
		if stop > begin {
			e.Offset, e.Length = begin, stop-begin
			kept = append(kept, e)
		}
	}
	return text, kept
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

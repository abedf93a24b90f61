package handlers

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// pageSize is how many entries a page of a list has.
const pageSize = 8

// pager is the row under a list that has more than one page; none when it has
// one. The pressed button's last argument is the new offset, after args.
func pager(p *messages.Printer, offset, size, total int, action string, args ...string) [][]chat.Button {
	if total <= size {
		return nil
	}
	at := func(offset int) []string { return append(append([]string(nil), args...), strconv.Itoa(offset)) }
	var row []chat.Button
	if offset > 0 {
		row = append(row, chat.Press("‹", action, at(max(0, offset-size))...))
	}
	page := p.Plain("common.page", "page", offset/size+1, "pages", (total+size-1)/size)
	row = append(row, chat.Press(page, "noop"))
	if offset+size < total {
		row = append(row, chat.Press("›", action, at(offset+size)...))
	}
	return [][]chat.Button{row}
}

// offsetArg reads a page's offset from the i-th argument. What is no number, or
// forged, is the first page; the offset falls on a page's start.
func offsetArg(r chat.Request, i, size int) int {
	n, err := strconv.Atoi(r.Arg(i))
	if err != nil || n < 0 || n > 1_000_000 {
		return 0
	}
	return n - n%size
}

// window cuts one page out of a whole list. An offset past its end gives the last page.
func window[T any](list []T, offset, size int) (page []T, from int) {
	if offset >= len(list) {
		offset = max(0, (len(list)-1)/size*size)
	}
	return list[offset:min(len(list), offset+size)], offset
}

// lines joins what is not empty, one a line.
func lines(list ...chat.HTML) chat.HTML {
	var b strings.Builder
	for _, line := range list {
		if line == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(string(line))
	}
	return chat.HTML(b.String())
}

// paragraphs joins what is not empty with an empty line between.
func paragraphs(list ...chat.HTML) chat.HTML {
	var kept []string
	for _, part := range list {
		if part != "" {
			kept = append(kept, string(part))
		}
	}
	return chat.HTML(strings.Join(kept, "\n\n"))
}

// clip shortens a text to n characters, for a button.
func clip(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return strings.TrimSpace(string(runes[:n-1])) + "…"
}

// numbered is a button that opens the i-th entry of a list.
func numbered(i int, label, action string, args ...string) chat.Button {
	return chat.Press(strconv.Itoa(i)+". "+clip(label, 28), action, args...)
}

// stopLabel is a stop's place in one line: "Juodupė, kultūros namai".
func stopLabel(s store.Stop) string {
	if s.Name == "" || s.Name == s.Community {
		return s.Community
	}
	if s.Community == "" {
		return s.Name
	}
	return s.Community + ", " + s.Name
}

// titlesOf reads titles by id; those gone are left out.
func (a *App) titlesOf(ctx context.Context, ids []store.TitleID) (map[store.TitleID]store.Title, error) {
	list, err := a.Store.Titles.Many(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read titles: %w", err)
	}
	byID := make(map[store.TitleID]store.Title, len(list))
	for _, t := range list {
		byID[t.ID] = t
	}
	return byID, nil
}

// membersOf reads members by id; those gone are left out.
func (a *App) membersOf(ctx context.Context, ids []store.MemberID) (map[store.MemberID]store.Member, error) {
	list, err := a.Store.Members.Many(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	byID := make(map[store.MemberID]store.Member, len(list))
	for _, m := range list {
		byID[m.ID] = m
	}
	return byID, nil
}

// contact is how to reach a member: their phone, their Telegram name, or a link to their chat.
func contact(m store.Member) chat.HTML {
	switch {
	case m.Phone != "":
		return chat.Escape(m.Phone)
	case m.Username != "":
		return "@" + chat.Escape(m.Username)
	case m.Chat != 0:
		return chat.HTML(`<a href="tg://user?id=` + strconv.FormatInt(m.Chat, 10) + `">💬</a>`)
	}
	return ""
}

// fail ends a request with an error: failures.go makes a sentence of it, or the router logs it.
func fail(doing string, err error) (chat.Reply, error) {
	return chat.Reply{}, fmt.Errorf("%s: %w", doing, err)
}

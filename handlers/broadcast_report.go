package handlers

import (
	"context"
	"math"
	"strings"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// Progress is a broadcast's message for its author: how far it is while it is sent, corrected or recalled, and a report when that is over.
func (a *App) Progress(b store.Broadcast, p *messages.Printer) chat.Message {
	msg := chat.Message{Chat: b.Chat, Edit: b.Message}
	id := string(b.ID)
	head := p.HTML("broadcast.state_" + string(b.State))
	switch b.State {
	case store.BroadcastSending, store.BroadcastPaused:
		why := chat.HTML("")
		if b.State == store.BroadcastSending && isLater(b.Pass) {
			head = p.HTML("report.doing_" + string(b.Pass))
		}
		if b.State == store.BroadcastPaused && b.Paused != "" {
			why = p.HTML("report.paused_failing")
		}
		msg.Text = paragraphs(lines(head, bar(passDone(b))), why, a.counts(p, b))
		toggle := chat.Press(p.Plain("broadcast.pause"), "bpause", id)
		if b.State == store.BroadcastPaused {
			toggle = chat.Press(p.Plain("broadcast.resume"), "bresume", id)
		}
		msg.Keyboard = chat.Keyboard{chat.Row(toggle, chat.Press(p.Plain("broadcast.stop"), "bstop", id))}
	case store.BroadcastSent, store.BroadcastCancelled:
		if n := b.Progress; isAfterwards(b.Pass) && n.PassDone+n.PassFailed >= n.PassTotal { // not when it was broken off
			head = lines(head, p.HTML("report.done_"+string(b.Pass)))
		}
		msg.Text = paragraphs(head, lines(a.counts(p, b), a.endLine(p, b)))
	case store.BroadcastDraft, store.BroadcastScheduled:
		msg.Text = head
	}
	msg.Keyboard = append(msg.Keyboard, a.reportRows(p, b)...)
	return msg
}

// isAfterwards tells whether a pass goes over the copies that were delivered.
func isAfterwards(pass store.Pass) bool { return pass == store.PassCorrect || pass == store.PassRecall }

// isLater tells whether a pass comes after the first delivery.
func isLater(pass store.Pass) bool { return isAfterwards(pass) || pass == store.PassRetry }

// passDone is how many of the present pass are done, of how many.
func passDone(b store.Broadcast) (done, total int) {
	n := b.Progress
	if isLater(b.Pass) {
		return n.PassDone + n.PassFailed, n.PassTotal
	}
	return n.Total - n.Remaining(), n.Total
}

// counts are the figures: of the delivery, and below them of a correction or a recall.
func (a *App) counts(p *messages.Printer, b store.Broadcast) chat.HTML {
	n := b.Progress
	text := lines(
		p.HTML("broadcast.sent", "done", p.Number(n.Sent), "total", p.Number(n.Total)),
		countLine(p, "broadcast.unreachable", n.Unreachable),
		countLine(p, "broadcast.failed", n.Failed),
		countLine(p, "report.left", n.Left))
	if isAfterwards(b.Pass) {
		text = lines(text,
			p.HTML("report.changed_"+string(b.Pass), "done", p.Number(n.PassDone), "total", p.Number(n.PassTotal)),
			countLine(p, "report.unchanged", n.PassFailed))
	}
	if b.State == store.BroadcastSent || b.State == store.BroadcastCancelled {
		return text
	}
	text = lines(text, countLine(p, "report.waiting", n.Waiting))
	done, total := passDone(b)
	left := total - done
	if !isAfterwards(b.Pass) {
		left -= n.Waiting
	}
	if left <= 0 {
		return text
	}
	return lines(text, p.HTML("report.remaining", "count", p.Number(left), "time", a.timeLeft(p, b, done, left)))
}

// usualRate is about how many a broadcast reaches in a minute, as long as there is no figure of its own.
const usualRate = 1200

// timeLeft estimates from how fast it has gone so far.
func (a *App) timeLeft(p *messages.Printer, b store.Broadcast, done, left int) string {
	perMinute := float64(usualRate)
	const some = 20 // fewer say nothing of the rate
	if gone := a.Now().Sub(b.StartedAt); !b.StartedAt.IsZero() && done >= some && gone > time.Second && b.Pass == store.PassSend {
		perMinute = float64(done) / gone.Minutes()
	}
	minutes := int(math.Ceil(float64(left) / perMinute))
	if minutes <= 1 {
		return p.Plain("report.in_a_minute")
	}
	return roughly(p, minutes)
}

// roughly says minutes as people do.
func roughly(p *messages.Printer, minutes int) string {
	const hour = 60
	if minutes < hour {
		return p.Plain("report.in_minutes", "count", minutes)
	}
	return p.Plain("report.in_hours", "hours", minutes/hour, "count", minutes%hour)
}

// endLine says when it ended, and how long it took.
func (a *App) endLine(p *messages.Printer, b store.Broadcast) chat.HTML {
	if b.EndedAt.IsZero() {
		return ""
	}
	when := p.DateTime(a.local(b.EndedAt))
	took := b.EndedAt.Sub(b.StartedAt)
	if b.StartedAt.IsZero() || took < time.Second || isLater(b.Pass) {
		return p.HTML("report.ended_at", "when", when)
	}
	if took < time.Minute {
		return p.HTML("broadcast.ended", "when", when, "seconds", int(took/time.Second))
	}
	return p.HTML("report.ended", "when", when, "time", roughly(p, int(math.Round(took.Minutes()))))
}

// reportRows are what can be done beside pausing: see whom it did not reach, try them again, correct and recall.
func (a *App) reportRows(p *messages.Printer, b store.Broadcast) chat.Keyboard {
	id := string(b.ID)
	n := b.Progress
	var rows chat.Keyboard
	if n.Failed+n.Unreachable > 0 {
		row := chat.Row(chat.Press(p.Plain("broadcast.who_failed"), "bfails", id, "0"))
		if n.Failed > 0 && n.Recalled == 0 && b.State != store.BroadcastSending && a.recent(b) {
			row = append(row, chat.Press(p.Plain("report.retry", "count", p.Number(n.Failed)), "bretry", id))
		}
		rows = append(rows, row)
	}
	if a.changeable(b) {
		row := chat.Row(chat.Press(p.Plain("report.recall"), "brecall", id))
		if b.State != store.BroadcastSending && len(textLanguages(b.Content)) > 0 {
			row = append(chat.Row(chat.Press(p.Plain("report.correct"), "bfix", id)), row...)
		}
		rows = append(rows, row)
	}
	if !editable(b) {
		rows = append(rows, chat.Row(chat.Press(p.Plain("broadcast.to_list"), "blist", "0")))
	}
	return rows
}

// recent tells whether whom it did not reach is still known.
func (a *App) recent(b store.Broadcast) bool {
	const kept = 48 * time.Hour
	return b.EndedAt.IsZero() || a.Now().Sub(b.EndedAt) < kept
}

// countLine is a line only when there is something to count.
func countLine(p *messages.Printer, key string, n int) chat.HTML {
	if n == 0 {
		return ""
	}
	return p.HTML(key, "count", p.Number(n))
}

// bar draws progress in ten squares.
func bar(done, total int) chat.HTML {
	const squares = 10
	full := squares
	if total > 0 {
		full = min(max(done*squares/total, 0), squares)
	}
	return chat.HTML(strings.Repeat("▰", full) + strings.Repeat("▱", squares-full))
}

// failuresPage is how many people a page has whom a broadcast did not reach.
const failuresPage = 10

// failures lists whom it did not reach, why, and how else to reach them. Arguments: the broadcast, the offset.
func (b broadcasts) failures(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	x, err := b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return fail("failures", err)
	}
	offset := offsetArg(r, 1, failuresPage)
	list, total, err := b.Store.Broadcasts.Failures(ctx, x.ID, offset, failuresPage)
	if err == nil && len(list) == 0 && offset > 0 {
		offset = 0
		list, total, err = b.Store.Broadcasts.Failures(ctx, x.ID, 0, failuresPage)
	}
	if err != nil {
		return fail("failures", err)
	}
	ids := make([]store.MemberID, len(list))
	for i, f := range list {
		ids[i] = f.Member
	}
	people, err := b.membersOf(ctx, ids)
	if err != nil {
		return fail("failures", err)
	}
	text := []chat.HTML{p.HTML("broadcast.failures")}
	for i, f := range list {
		m, ok := people[f.Member]
		if !ok {
			text = append(text, p.HTML("report.failure_gone", "number", offset+i+1))
			continue
		}
		how := contact(m)
		if how == "" {
			how = p.HTML("report.no_contact")
		}
		text = append(text, p.HTML("broadcast.failure", "number", offset+i+1, "name", short(m.Name, 60), "contact", how,
			"reason", p.Plain(reasonKey(f.Reason))))
	}
	if total == 0 {
		text = append(text, p.HTML("common.nothing"))
	}
	rows := pager(p, offset, failuresPage, total, "bfails", string(x.ID))
	if x.Progress.Failed > 0 && x.State != store.BroadcastSending && b.recent(x) {
		rows = append(rows, chat.Row(chat.Press(p.Plain("report.retry", "count", p.Number(x.Progress.Failed)), "bretry", string(x.ID))))
	}
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "bcast", string(x.ID))))
	return chat.Change(r, lines(text...), rows...), nil
}

// reasonKey is the sentence for why a send failed: what Telegram says is English, and for programmers.
func reasonKey(reason string) string {
	reason = strings.ToLower(reason)
	for _, known := range []struct{ part, key string }{
		{"blocked", "report.why_blocked"},
		{"deactivated", "report.why_deactivated"},
		{"initiate conversation", "report.why_never"},
		{"chat not found", "report.why_deactivated"},
		{"user not found", "report.why_deactivated"},
		{"message to edit not found", "report.why_removed"},
		{"message to delete not found", "report.why_removed"},
		{"can't be edited", "report.why_old"},
		{"can't be deleted", "report.why_old"},
		{"too old", "report.why_old"},
		{"cannot be changed", "report.why_removed"},
		{"too long", "report.why_long"},
		{"file", "report.why_file"},
		{"button", "report.why_button"},
		{"url", "report.why_button"},
		{"too many", "report.why_busy"},
		{"gone", "report.why_gone"},
		{"unreachable", "report.why_blocked"},
	} {
		if strings.Contains(reason, known.part) {
			return known.key
		}
	}
	return "report.why_refused"
}

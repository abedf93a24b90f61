package store

import "context"

// Watch moves where progress is shown, in whatever state the broadcast is. ErrNotFound.
func (b *Broadcasts) Watch(ctx context.Context, op Op, id BroadcastID, chat int64, message int) (Broadcast, error) {
	op.Key = nonEmpty(op.Key, " watch")
	from := []BroadcastState{BroadcastDraft, BroadcastScheduled, BroadcastSending, BroadcastPaused, BroadcastSent, BroadcastCancelled}
	return b.rewrite(ctx, broadcastEdit, op, id, map[string]any{"from": from}, func(x *Broadcast) { x.Chat, x.Message = chat, message })
}

package telegram

import (
	"context"
	"time"
)

// keptEvery is how often updates that were taken over and failed are worked on again.
const keptEvery = 5 * time.Second

// keep takes an update over from Telegram. It stays in work; when that ends well it is released.
func (r *Receiver) keep(ctx context.Context, w *work) {
	if r.isKept(w) {
		return
	}
	keeping, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	if err := r.opt.Keeper.Keep(keeping, w.update, w.raw); err != nil {
		r.c.opt.Log.WarnContext(ctx, "update is not taken over, and holds others up", "update", w.update, "error", err)
		return
	}
	r.noteKept(ctx, w)
}

// noteKept marks work on an update that is kept; one that has ended well meanwhile is released.
func (r *Receiver) noteKept(ctx context.Context, w *work) {
	r.mu.Lock()
	w.kept = true
	done := w.succeeded()
	r.mu.Unlock()
	if done {
		r.release(ctx, w.update)
	}
}

func (r *Receiver) isKept(w *work) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return w.kept
}

func (r *Receiver) release(ctx context.Context, update int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTime)
	defer cancel()
	if err := r.opt.Keeper.Release(ctx, update); err != nil { // it is marked done, so that it is released the next time
		r.c.opt.Log.WarnContext(ctx, "update is done and still kept", "update", update, "error", err)
	}
}

// workOnKept works on what was taken over and is in nobody's work: a process was killed, or it failed. It ends with ctx.
func (r *Receiver) workOnKept(ctx context.Context) {
	for {
		list, err := r.opt.Keeper.Kept(ctx)
		if err != nil && ctx.Err() == nil {
			r.c.opt.Log.WarnContext(ctx, "look for updates taken over", "error", err)
		}
		for _, raw := range list {
			if w, err := r.submit(raw, true); err == nil && w != nil {
				r.noteKept(ctx, w)
			}
		}
		if sleep(ctx, keptEvery) != nil {
			return
		}
	}
}

package scheduler

import (
	"fmt"
	"log/slog"
)

// queueLog lets asynq write to the program's log.
type queueLog struct{ log *slog.Logger }

func (l queueLog) Debug(args ...any) { l.log.Debug("queue", "text", fmt.Sprint(args...)) }
func (l queueLog) Info(args ...any)  { l.log.Debug("queue", "text", fmt.Sprint(args...)) }
func (l queueLog) Warn(args ...any)  { l.log.Warn("queue", "text", fmt.Sprint(args...)) }
func (l queueLog) Error(args ...any) { l.log.Error("queue", "text", fmt.Sprint(args...)) }

// Fatal is what asynq logs before it would end the process; here nothing a library meets ends it.
func (l queueLog) Fatal(args ...any) { l.log.Error("queue", "text", fmt.Sprint(args...)) }

// cronLog lets cron write to the program's log. Its routine remarks, such as a tick skipped because the one before still runs,
// are for debugging.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(msg string, keysAndValues ...any) { l.log.Debug("cron: "+msg, keysAndValues...) }

func (l cronLog) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error("cron: "+msg, append([]any{"error", err}, keysAndValues...)...)
}

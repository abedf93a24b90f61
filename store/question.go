package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	questionAsk    = newScript("question_ask")
	questionAnswer = newScript("question_answer")
)

// QuestionID identifies a member's question ("q…").
type QuestionID string

// Question is what somebody asked the librarians.
type Question struct {
	ID         QuestionID `json:"id"`
	From       MemberID   `json:"from"`
	Text       string     `json:"text"`
	At         time.Time  `json:"at"`
	Answer     string     `json:"answer,omitempty"`
	AnsweredBy MemberID   `json:"answered_by,omitempty"`
	AnsweredAt time.Time  `json:"answered_at,omitzero"`
}

// Questions keeps questions and answers.
type Questions struct{ *db }

// Ask stores a question and owes every librarian and owner "question". ErrInvalid for an empty text.
func (q *Questions) Ask(ctx context.Context, op Op, from MemberID, text string) (Question, error) {
	if strings.TrimSpace(text) == "" {
		return Question{}, fmt.Errorf("ask: no text: %w", ErrInvalid)
	}
	id, err := q.reserve(ctx, "q")
	if err != nil {
		return Question{}, err
	}
	x := Question{ID: QuestionID(id), From: from, Text: text, At: q.now()}
	return q.decided(ctx, questionAsk, op, string(from), x)
}

// decided writes a question as a script decides, and returns it as it stands.
func (q *Questions) decided(ctx context.Context, s *script, op Op, subject string, x Question) (Question, error) {
	text, err := json.Marshal(x)
	if err != nil {
		return x, fmt.Errorf("encode question: %w", err)
	}
	var doc string
	if err := q.decide(ctx, s, op, subject, map[string]any{"id": x.ID, "doc": string(text), "from": x.From}, &doc); err != nil {
		return Question{}, fmt.Errorf("question %s: %w", x.ID, err)
	}
	var stands Question
	if err := json.Unmarshal([]byte(doc), &stands); err != nil {
		return Question{}, fmt.Errorf("decode question: %w", err)
	}
	return stands, nil
}

// Get returns one. ErrNotFound.
func (q *Questions) Get(ctx context.Context, id QuestionID) (Question, error) {
	return hashGet[Question](ctx, q.db, q.keys.questions(), string(id))
}

// Open lists unanswered ones, oldest first.
func (q *Questions) Open(ctx context.Context) ([]Question, error) {
	ids, err := q.rdb.ZRange(ctx, q.keys.openQuestions(), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("list open questions: %w", err)
	}
	return hashMany[Question](ctx, q.db, q.keys.questions(), ids)
}

// OfMember lists what a member asked, oldest first.
func (q *Questions) OfMember(ctx context.Context, member MemberID) ([]Question, error) {
	ids, err := q.rdb.SMembers(ctx, q.keys.asked(member)).Result()
	if err != nil {
		return nil, fmt.Errorf("list questions of %s: %w", member, err)
	}
	list, err := hashMany[Question](ctx, q.db, q.keys.questions(), ids)
	slices.SortFunc(list, func(a, b Question) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return list, err
}

// forget removes what a member asked.
func (q *Questions) forget(ctx context.Context, member MemberID) error {
	ids, err := q.rdb.SMembers(ctx, q.keys.asked(member)).Result()
	if err != nil {
		return fmt.Errorf("list questions of %s: %w", member, err)
	}
	_, err = q.rdb.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, id := range ids {
			pipe.HDel(ctx, q.keys.questions(), id)
			pipe.ZRem(ctx, q.keys.openQuestions(), id)
		}
		pipe.Del(ctx, q.keys.asked(member))
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget questions of %s: %w", member, err)
	}
	return nil
}

// Answer stores the answer and owes the asker "answer". ErrStale when somebody answered before, ErrNotFound, ErrInvalid for an empty text.
func (q *Questions) Answer(ctx context.Context, op Op, id QuestionID, by MemberID, text string) (Question, error) {
	if strings.TrimSpace(text) == "" {
		return Question{}, fmt.Errorf("answer %s: no text: %w", id, ErrInvalid)
	}
	x, err := q.Get(ctx, id)
	if err != nil {
		return x, err
	}
	x.Answer, x.AnsweredBy, x.AnsweredAt = text, by, q.now()
	return q.decided(ctx, questionAnswer, op, string(id), x)
}

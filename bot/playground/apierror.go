package playground

import (
	"fmt"
	"net/http"
)

// apiError is a refusal in Telegram's own words: the description is what the bot reads and may match on.
type apiError struct {
	Code        int
	Description string
	RetryAfter  int   // seconds; only with 429
	MigrateTo   int64 // the supergroup's id; only when a group was upgraded
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.Code, e.Description) }

// responseParameters is https://core.telegram.org/bots/api#responseparameters
type responseParameters struct {
	MigrateToChatID int64 `json:"migrate_to_chat_id,omitempty"`
	RetryAfter      int   `json:"retry_after,omitempty"`
}

func (e *apiError) parameters() *responseParameters {
	if e.RetryAfter == 0 && e.MigrateTo == 0 {
		return nil
	}
	return &responseParameters{MigrateToChatID: e.MigrateTo, RetryAfter: e.RetryAfter}
}

func badRequest(format string, args ...any) *apiError {
	return &apiError{Code: http.StatusBadRequest, Description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(why string) *apiError {
	return &apiError{Code: http.StatusForbidden, Description: "Forbidden: " + why}
}

func conflict(why string) *apiError {
	return &apiError{Code: http.StatusConflict, Description: "Conflict: " + why}
}

func tooManyRequests(seconds int) *apiError {
	return &apiError{
		Code:        http.StatusTooManyRequests,
		Description: fmt.Sprintf("Too Many Requests: retry after %d", seconds),
		RetryAfter:  seconds,
	}
}

func notFound() *apiError { return &apiError{Code: http.StatusNotFound, Description: "Not Found"} }

func unauthorized() *apiError {
	return &apiError{Code: http.StatusUnauthorized, Description: "Unauthorized"}
}

func tooLarge() *apiError {
	return &apiError{Code: http.StatusRequestEntityTooLarge, Description: "Request Entity Too Large"}
}

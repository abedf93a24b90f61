package playground

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// method is one Bot API method. It returns what goes into "result", or an *apiError.
type method func(*Server, *call) (any, error)

// botMethods lists every method served. Any other is answered 404, as Telegram does.
func botMethods() map[string]method {
	byName := map[string]method{
		"getMe": (*Server).getMe, "logOut": (*Server).confirm, "close": (*Server).confirm,
		"getUpdates": (*Server).getUpdates, "setWebhook": (*Server).setWebhook, "deleteWebhook": (*Server).deleteWebhook,
		"getWebhookInfo": (*Server).getWebhookInfo,

		"sendMessage": (*Server).sendMessage, "sendPhoto": (*Server).sendPhoto, "sendDocument": (*Server).sendDocument,
		"sendMediaGroup": (*Server).sendMediaGroup, "sendLocation": (*Server).sendLocation, "sendVenue": (*Server).sendVenue,
		"sendContact": (*Server).sendContact, "sendChatAction": (*Server).sendChatAction,
		"copyMessage": (*Server).copyMessage, "forwardMessage": (*Server).forwardMessage,

		"editMessageText": (*Server).editMessageText, "editMessageCaption": (*Server).editMessageCaption,
		"editMessageMedia": (*Server).editMessageMedia, "editMessageReplyMarkup": (*Server).editMessageReplyMarkup,
		"deleteMessage": (*Server).deleteMessage, "deleteMessages": (*Server).deleteMessages,
		"pinChatMessage": (*Server).pinChatMessage, "unpinChatMessage": (*Server).unpinChatMessage,
		"unpinAllChatMessages": (*Server).unpinAllChatMessages, "setMessageReaction": (*Server).setMessageReaction,
		"answerCallbackQuery": (*Server).answerCallbackQuery, "getFile": (*Server).getFile,

		"setMyCommands": (*Server).setMyCommands, "getMyCommands": (*Server).getMyCommands, "deleteMyCommands": (*Server).deleteMyCommands,
		"setMyName": (*Server).setMyName, "getMyName": (*Server).getMyName,
		"setMyDescription": (*Server).setMyDescription, "getMyDescription": (*Server).getMyDescription,
		"setMyShortDescription": (*Server).setMyShortDescription, "getMyShortDescription": (*Server).getMyShortDescription,
		"setChatMenuButton": (*Server).setChatMenuButton, "getChatMenuButton": (*Server).getChatMenuButton,

		"getChat": (*Server).getChat, "getChatMember": (*Server).getChatMember, "getChatMemberCount": (*Server).getChatMemberCount,
		"getChatAdministrators": (*Server).getChatAdministrators, "leaveChat": (*Server).leaveChat,
	}
	table := make(map[string]method, len(byName))
	for name, m := range byName {
		table[strings.ToLower(name)] = m
	}
	return table
}

// response is https://core.telegram.org/bots/api#making-requests
type response struct {
	OK          bool                `json:"ok"`
	Result      any                 `json:"result,omitempty"`
	ErrorCode   int                 `json:"error_code,omitempty"`
	Description string              `json:"description,omitempty"`
	Parameters  *responseParameters `json:"parameters,omitempty"`
}

// serveBot answers https://core.telegram.org/bots/api#making-requests: /bot<token>/<method>, by GET or POST.
func (s *Server) serveBot(w http.ResponseWriter, r *http.Request) {
	token, name, found := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	if !found || token == "" {
		err := notFound()
		writeJSON(w, err.Code, encode(refusal(err)))
		return
	}
	var result any
	c, err := &call{method: name}, error(unauthorized())
	if subtle.ConstantTimeCompare([]byte(token), []byte(s.opts.Token)) == 1 {
		if c, err = readCall(w, r, name); err == nil {
			result, err = s.run(c)
		}
	} else {
		drain(r)
	}
	status, body := s.outcome(c, result, err)
	if s.opts.OnCall != nil {
		s.opts.OnCall(Call{
			Method: c.method, Params: c.params, Files: slices.Sorted(maps.Keys(c.files)), Status: status, Response: body,
		})
	}
	writeJSON(w, status, body)
}

// run performs the call, if the method exists and the limits let it through.
func (s *Server) run(c *call) (any, error) {
	m, known := s.methods[strings.ToLower(c.method)]
	if !known {
		return nil, notFound()
	}
	return m(s, c)
}

// outcome turns what a method returned into the status and the body of the answer.
func (s *Server) outcome(c *call, result any, err error) (int, []byte) {
	if err == nil {
		return http.StatusOK, encode(response{OK: true, Result: result})
	}
	refused := new(apiError)
	switch {
	case errors.Is(err, errClosed):
		refused = &apiError{Code: http.StatusBadGateway, Description: "Bad Gateway"}
	case !errors.As(err, &refused):
		s.log.Error("a Bot API call failed", "method", c.method, "error", err)
		refused = &apiError{Code: http.StatusInternalServerError, Description: "Internal Server Error"}
	}
	s.log.Debug("refused a Bot API call", "method", c.method, "code", refused.Code, "description", refused.Description)
	return refused.Code, encode(refusal(refused))
}

func refusal(err *apiError) response {
	return response{ErrorCode: err.Code, Description: err.Description, Parameters: err.parameters()}
}

func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		return []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	}
	return body
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away is told nothing
}

func (s *Server) getMe(*call) (any, error) {
	me := s.bot()
	err := s.read(func(st *state) error {
		if name := st.profile.Name[""]; name != "" {
			me.FirstName = name
		}
		return nil
	})
	return struct {
		user
		CanJoinGroups   bool `json:"can_join_groups"`
		CanReadAll      bool `json:"can_read_all_group_messages"`
		SupportsInline  bool `json:"supports_inline_queries"`
		CanConnect      bool `json:"can_connect_to_business"`
		HasMainWebApp   bool `json:"has_main_web_app"`
		HasTopicsOn     bool `json:"has_topics_enabled"`
		AllowsNewTopics bool `json:"allows_users_to_create_topics"`
	}{user: me, CanJoinGroups: true}, err
}

// confirm answers the methods that have nothing to do here.
func (s *Server) confirm(*call) (any, error) { return true, nil }
